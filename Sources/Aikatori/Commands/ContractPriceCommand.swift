import ArgumentParser
import Contracts
import MoneyAndTime
import StrictJSON

/// What a visit costs under a contract, without a server.
struct ContractPriceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "price", abstract: "Says what a visit costs under a contract, and why.",
        discussion: """
            A visit is written as in a worked example: {"service": "psychiatrist-visit", "visit": \
            {"starts": "2027-03-09T09:00", "planned_minutes": 45, "billable_seconds": 1380}}. \
            A period of a commitment is {"period": {"billed_seconds": 54000}}. docs/contracts.md \
            has all that may happen to a visit.
            """)

    @Argument(help: "A contract as JSON.") var file: String

    @Option(help: "A file with one visit; its price is explained step by step.")
    var visit: String?

    @Option(help: "A file with a visit on each line; the answers are JSON, one on each line.")
    var visits: String?

    func validate() throws {
        if (visit == nil) == (visits == nil) {
            throw ValidationError("give either --visit or --visits")
        }
    }

    func run() throws {
        let terms = try ContractCommand.read(file).terms
        if let visit {
            let rated = try rated(try ContractCommand.bytes(of: visit), in: visit, under: terms)
            for line in Self.explanation(of: rated) { say(line) }
        }
        if let visits {
            let lines = try ContractCommand.bytes(of: visits).split(separator: UInt8(ascii: "\n"))
            for (index, line) in lines.enumerated() {
                let rated = try rated(Array(line), in: "\(visits):\(index + 1)", under: terms)
                say(String(decoding: try rated.exampleJSON.canonical(), as: UTF8.self))
            }
        }
    }

    private func rated(
        _ bytes: [UInt8], in place: String, under terms: Terms
    ) throws -> RatedVisit {
        do {
            return try WorkedExample.Subject(reading: bytes, under: terms).rated(under: terms)
        } catch {
            say("\(place): \(error)")
            throw ExitCode.failure
        }
    }

    private static func explanation(of rated: RatedVisit) -> [String] {
        let lines = rated.lines.map { line -> String in
            let name = line.code.map { "\(line.kind.rawValue) \($0)" } ?? line.kind.rawValue
            let minutes = line.minutes.map { "\($0) min" } ?? ""
            return "  \(name.padded(to: 30))\(minutes.padded(to: 12))\(line.amount.decimal)"
        }
        return rated.trace.steps.map(\.words) + [""] + lines
            + ["  \("total".padded(to: 42))\(rated.total.decimal)"]
    }
}

extension String {
    /// With spaces at the end, at least one.
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
