// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let argumentParser: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient: Target.Dependency = .product(
    name: "AsyncHTTPClient", package: "async-http-client")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let jwt: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let lifecycle: Target.Dependency = .product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// The ground that every domain room stands on.
let ground: [Target.Dependency] = ["MoneyAndTime", "StrictJSON"]
/// Rooms that hold rules only; they never import each other.
let rooms: [Target.Dependency] = [
    "Organisations", "Contracts", "Scheduling", "Visits", "Ledger",
]
let domain: [Target.Dependency] = ground + rooms + ["Billing"]
let market: [Target.Dependency] =
    domain + ["SignIn", "Outgoing", "Postgres", "Storage", "Marketplace"]

func room(
    _ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "aikatori",
    products: [.executable(name: "aikatori", targets: ["Aikatori"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev", "libssl-dev"])]),
        room("Postgres", ["CPostgres", logging]),

        room("MoneyAndTime", []),
        room("StrictJSON", []),

        room("Organisations", ground),
        room("Contracts", ground + [crypto], resources: [.copy("../../contracts")]),
        room("Scheduling", ground),
        room("Visits", ground + [crypto]),
        room("Ledger", ground),
        room("Billing", ground + rooms),
        room("Documents", domain),
        room("SignIn", ground + ["Organisations", crypto, jwt]),

        room("Outgoing", [asyncHTTPClient]),
        room(
            "Storage", domain + ["SignIn", "Postgres", crypto, logging],
            resources: [.copy("Migrations")]),
        room(
            "Marketplace",
            domain + [
                "Documents", "SignIn", "Outgoing", "Postgres", "Storage", crypto, logging,
            ],
            resources: [.copy("Typst")]),
        room(
            "API",
            domain + [
                "Documents", "SignIn", "Outgoing", "Marketplace", "Storage", crypto, hummingbird,
                logging,
            ],
            resources: [.copy("../../api")]),
        room(
            "Web",
            domain + [
                "Documents", "SignIn", "Marketplace", "Storage", crypto, hummingbird, lifecycle,
                mustache, logging,
            ],
            resources: [.copy("Templates"), .copy("Static"), .copy("Texts")]),
        .executableTarget(
            name: "Aikatori",
            dependencies: domain + [
                "Documents", "SignIn", "Outgoing", "Postgres", "Storage", "Marketplace", "API",
                "Web", argumentParser, asyncHTTPClient, crypto, hummingbird, lifecycle, logging,
                unixSignals,
            ],
            swiftSettings: strict),

        // A real database for the tests of every room above storage.
        .target(
            name: "TestMarket", dependencies: market + ["Documents", crypto, logging],
            path: "Tests/TestMarket", swiftSettings: strict),
        // The API over such a market, on loopback, and a client that writes every exchange down.
        .target(
            name: "TestServer",
            dependencies: ground + [
                "Organisations", "Outgoing", "Marketplace", "API", "TestMarket",
                asyncHTTPClient, hummingbird, lifecycle, logging,
            ],
            path: "Tests/TestServer", swiftSettings: strict),

        tests("MoneyAndTimeTests", ["MoneyAndTime"]),
        tests("StrictJSONTests", ["StrictJSON"]),
        tests("OrganisationsTests", ground + ["Organisations"]),
        tests("ContractsTests", ground + ["Contracts", crypto]),
        tests("SchedulingTests", ground + ["Scheduling"]),
        tests("VisitsTests", ground + ["Visits", crypto]),
        tests("LedgerTests", ground + ["Ledger"]),
        tests("BillingTests", ground + ["Contracts", "Billing"]),
        tests("DocumentsTests", ground + ["Scheduling", "Billing", "Documents"]),
        tests("SignInTests", ground + ["Organisations", "SignIn", crypto]),
        tests("OutgoingTests", ["Outgoing", "TestMarket"]),
        tests("PostgresTests", ["Postgres", logging]),
        tests("MarketplaceTests", market + ["Documents", "TestMarket", crypto]),
        tests("ScenarioTests", market + ["Documents", "TestMarket"]),
        tests("StorageTests", market + ["TestMarket"]),
        tests(
            "APITests",
            market + ["Documents", "API", "TestMarket", "TestServer", logging, yams]),
        tests(
            "WebTests",
            market + [
                "API", "Web", "TestMarket", "TestServer", asyncHTTPClient, crypto, hummingbird,
                logging,
            ]),
        tests(
            "AikatoriTests",
            ground + [
                "Organisations", "Outgoing", "Marketplace", "API", "Aikatori", lifecycle, logging,
            ]),
        tests("RepositoryTests", []),
    ]
)
