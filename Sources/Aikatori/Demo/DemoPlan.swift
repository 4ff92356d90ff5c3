/// Who is in a demo, who has agreed on what, and whether time has passed since.
struct DemoPlan: Sendable {
    let organisations: [DemoOrganisation]
    let teams: [DemoTeam]
    let contracts: [DemoContract]
    /// Whether months of bookings, visits and invoices lie behind it, and bookings ahead.
    let isLivedIn: Bool

    /// What `AIKATORI_DEMO` may be.
    enum Size: String, CaseIterable {
        case full, small
    }

    init(_ size: Size) {
        switch size {
        case .small:
            organisations = [.hospital, .northernCentre, .southernCentre, .clinic]
            teams = [.psychiatrists(2), .physicians(1)]
            contracts = DemoContract.all.filter {
                $0.seller == .hospital && [.northernCentre, .southernCentre].contains($0.buyer)
            }
            isLivedIn = false
        case .full:
            organisations = DemoOrganisation.all
            teams = DemoTeam.all
            contracts = DemoContract.all
            isLivedIn = true
        }
    }
}

/// A contract of the demo: a template of `contracts/v1/templates`, filled in.
struct DemoContract: Sendable {
    let template: String
    let seller: DemoOrganisation
    let buyer: DemoOrganisation
    /// How many visits of ten days are booked under it, on average.
    let visitsInTenDays: Int
    /// Whether the buyer's signature is still missing.
    var isWaiting = false
    /// Whether the seller has offered changed terms of it.
    var isNegotiated = false
    /// Whether what the two owe each other may be set off.
    var isNetted = false
    /// Whether the seller invoices from its own system.
    var isInvoicedBySeller = false

    static let all = [
        DemoContract("psychiatrist-remote-visit", .hospital, .northernCentre, 5),
        DemoContract(
            "psychiatrist-remote-visit", .hospital, .southernCentre, 5, isNegotiated: true),
        DemoContract("physician-remote-reception", .hospital, .southernCentre, 5),
        DemoContract("psychiatrist-remote-visit", .hospital, .island, 3),
        DemoContract("neurologist-remote-visit", .university, .northernCentre, 3),
        DemoContract("neurologist-remote-visit", .university, .hospital, 3, isNetted: true),
        DemoContract("dermatologist-consultation", .university, .southernCentre, 3),
        DemoContract(
            "dermatologist-consultation", .university, .island, 3, isInvoicedBySeller: true),
        DemoContract("physician-remote-reception", .physicians, .northernCentre, 4),
        DemoContract("physician-remote-reception", .physicians, .island, 3),
        DemoContract("geriatrician-remote-round", .physicians, .careHome, 3),
        DemoContract("geriatrician-remote-round", .physicians, .southernCentre, 0, isWaiting: true),
        DemoContract("rehabilitation-group", .physicians, .northernCentre, 0),
        DemoContract("rehabilitation-group", .physicians, .island, 0),
        DemoContract("psychiatrist-remote-visit", .hospital, .university, 3, isNetted: true),
    ]

    private init(
        _ template: String, _ seller: DemoOrganisation, _ buyer: DemoOrganisation,
        _ visitsInTenDays: Int, isWaiting: Bool = false, isNegotiated: Bool = false,
        isNetted: Bool = false, isInvoicedBySeller: Bool = false
    ) {
        self.template = template
        self.seller = seller
        self.buyer = buyer
        self.visitsInTenDays = visitsInTenDays
        self.isWaiting = isWaiting
        self.isNegotiated = isNegotiated
        self.isNetted = isNetted
        self.isInvoicedBySeller = isInvoicedBySeller
    }
}
