import MoneyAndTime
import Organisations
import Outgoing
import SignIn
import Visits

/// What a market needs of the world around it to let people in and to meet: how to ask their
/// organisations' providers, how mail goes out, and a relay for rooms.
package struct Surroundings: Sendable {
    /// Where mail goes.
    package enum Mail: Sendable {
        /// By the machine's own command, from this address.
        case sendmail(Sendmail, from: EmailAddress)
        /// Into a page: in a demo.
        case page
        case nowhere

        /// Nil where nothing can be sent.
        var sender: EmailAddress? {
            switch self {
            case .sendmail(_, let sender): sender
            case .page: try? EmailAddress("aikatori@aikatori.example")
            case .nowhere: nil
            }
        }
    }

    package let mail: Mail
    /// Where browsers find the pages: `https://aikatori.example`; nil where nobody has said so.
    package let publicAddress: String?
    /// Whether mail is looked at instead of being sent.
    package var isDemo: Bool { if case .page = mail { true } else { false } }

    /// What makes PDF of invoices; nil where nothing does.
    package let typesetter: Typesetter?

    /// Through which an e-invoice operator takes invoices; nil where there is none.
    let operatorFolder: OperatorFolder?

    /// Through which picture and sound of built-in rooms go; nil where there is none.
    package let relay: Relay?

    let http: BoundedHTTP
    let providers: ProviderLibrary

    /// Organisations' servers are asked on the internet and at `internalAddresses`; in a demo
    /// everywhere, on this machine too.
    package init(
        mail: Mail = .nowhere, publicAddress: String? = nil, relay: Relay? = nil,
        typesetter: Typesetter? = nil, operatorFolder: OperatorFolder? = nil,
        internalAddresses: [AddressRange] = []
    ) {
        var reach = Reach.internet(and: internalAddresses)
        if case .page = mail { reach = .everywhere }
        http = BoundedHTTP(reach: reach)
        self.relay = relay
        self.typesetter = typesetter
        self.operatorFolder = operatorFolder
        self.mail = mail
        self.publicAddress = publicAddress
        providers = ProviderLibrary(http: http)
    }
}
