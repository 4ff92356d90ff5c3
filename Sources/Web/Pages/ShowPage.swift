extension PageOperation {
    /// The one place where an operation meets its page. `parameter` is that of the path.
    func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        switch self {
        case .showSignIn: try await SignInPages.show(visitor)
        case .signIn: try await SignInPages.signIn(visitor)
        case .signOut: try await SignInPages.signOut(visitor)
        case .chooseLanguage: SignInPages.chooseLanguage(visitor)
        case .showStart: try await StartPage.show(visitor)
        case .showComponents: try await ComponentsPage.show(visitor)
        case .showStyle: throw InvalidLink()
        case .findTime: try await FindPages.find(visitor)
        case .showTime: try await FindPages.show(visitor)
        case .holdTime: try await FindPages.hold(visitor)
        case .listBookings: try await BookingPages.list(visitor)
        case .showBooking: try await BookingPages.show(visitor, parameter)
        case .confirmBooking: try await BookingPages.confirm(visitor, parameter)
        case .releaseBooking: try await BookingPages.release(visitor, parameter)
        case .sayInHandshake: try await HandshakePages.say(visitor, parameter)
        case .showCancellation: try await CancellationPages.show(visitor, parameter)
        case .cancelBooking: try await CancellationPages.cancel(visitor, parameter)
        case .listContracts: try await ContractPages.list(visitor)
        case .showContract: try await ContractPages.show(visitor, parameter)
        case .signContract: try await ContractPages.sign(visitor, parameter)
        case .listStatements: try await StatementPages.list(visitor)
        case .createStatement: try await StatementPages.create(visitor)
        case .showStatement: try await StatementPages.show(visitor, parameter)
        case .acceptStatement: try await StatementPages.accept(visitor, parameter)
        case .issueInvoice: try await StatementPages.issueInvoice(visitor, parameter)
        case .showCharge: try await ChargePage.show(visitor, parameter)
        case .listInvoices: try await InvoicePages.list(visitor)
        case .showInvoice: try await InvoicePages.show(visitor, parameter)
        case .downloadInvoice: try await InvoicePages.download(visitor, parameter)
        }
    }
}
