import ArgumentParser
import Marketplace
import MoneyAndTime
import Organisations
import Storage

extension OrganisationCommand {
    struct Token: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a token for an organisation's administrator.",
            discussion: """
                For an organisation whose administrators have lost their tokens. Without \
                --admin-email it is for the one who is there longest; with it for that member, \
                who is made an active administrator, and taken in if there is none.
                """)

        @Argument(
            help: "The organisation, such as org_01h2xcejqtf2nbrexx3vqjhp41.",
            transform: { try OrganisationID(typeID: $0) }) var organisation: OrganisationID
        @Option(
            help: "The administrator's address.",
            transform: { try EmailAddress($0) }) var adminEmail: EmailAddress?
        @Option(help: "What colleagues see of a new administrator.") var adminName =
            "Administrator"
        @OptionGroup var source: ConfigurationOption

        func run() async throws {
            let made = try await DatabaseDoor.open(
                as: .owner, source.settings(), logger: ConfigurationOption.quietLogger
            ) { owner in
                try await Market.issueAdministratorToken(
                    of: organisation, email: adminEmail, name: adminName, owner: owner)
            }
            say("A token for \(made.email.text):")
            say("  administrator  \(made.admin)")
            say("  credential     \(made.credential)")
            say("  token          \(made.token.text)")
            say("It lives \(Credential.longestLifeDays) days, and is not shown again.")
        }
    }
}
