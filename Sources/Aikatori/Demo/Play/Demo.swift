import ArgumentParser
import Foundation
import Marketplace
import MoneyAndTime

/// Plays the life of a sold minute as the programs of four organisations live it: over HTTP,
/// against a real server on a database of its own.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Play the main job: from a contract to a paid invoice, in some seconds.",
        discussion: """
            Makes a PostgreSQL server and a database of its own and takes them away afterwards. \
            Each figure is compared with what it must be; the command fails when one differs.

            The database is in the folder AIKATORI_VAR, and so are the files without --output; \
            that is var where it is not set.
            """)

    @OptionGroup var source: ConfigurationOption

    @Option(
        help: ArgumentHelp(
            "Where the files go that the demo writes. (default: demo-output in AIKATORI_VAR)",
            valueName: "folder"), completion: .directory)
    var output: String?

    func run() async throws {
        let started = ContinuousClock.now
        let teller = Teller()
        let settings = try source.settings()
        let files = OutputFolder(
            folder: output.map { URL(filePath: $0, directoryHint: .isDirectory) }
                ?? settings.folder.appending(path: "demo-output", directoryHint: .isDirectory))
        let wall = try WallClock.finnish
        let opening = try wall.instant(CalendarDate(iso: "2026-10-19"), TimeOfDay("09:00"))

        teller.heading("Aikatori: the life of a sold minute")
        teller.say(
            "Four made-up organisations' programs use a real server over HTTP. Its clock is a "
                + "demo's, so that weeks pass in a moment. Every figure is checked.")
        let folder = settings.folder.appending(path: "demo")
        try await Stage.play(in: folder, from: opening, settings, teller) { stage in
            teller.say(
                "The server listens on \(stage.base), and its clock shows \(wall.words(opening)).")
            let cast = try await Cast.join(stage)
            let scene = Scene(
                stage: stage, cast: cast, teller: teller, output: files, wall: wall)
            try await scene.play()
        }
        teller.emptyLine()
        teller.say(
            "That was \(Teller.seconds(since: started)) seconds. The files are in "
                + "\(OutputFolder.typed(files.folder)). Next: make run starts the server with "
                + "example organisations; aikatori --help lists what else there is.")
    }
}

extension Scene {
    fileprivate func play() async throws {
        teller.table(
            Table(
                columns: [.left("organisation"), .left("in this story")],
                rows: [
                    [cast.hospital.name, "sells its psychiatrists' time"],
                    [cast.healthCentre.name, "buys it for its patients"],
                    [cast.clinic.name, "buys, too, under another contract"],
                    [cast.careHome.name, "has no contract"],
                ]))
        let contracts = try await signContracts()
        let specialists = try await publishTime()
        let booking = try await bookVisit(under: contracts, with: specialists)
        try await agree(on: booking)
        let charge = try await holdVisit(booking)
        try await tellCharge(charge)
        let invoice = try await closeMonth(under: contracts.contract)
        try await settle(invoice)
        let findings = try await Verification.run(on: stage.reader)
        try expect("what verification finds", findings.map(\.message), is: [])
        teller.say(
            "At last the whole database was computed again from its facts, by "
                + "\(VerifiedRule.allCases.count) rules: nothing differs.")
    }
}
