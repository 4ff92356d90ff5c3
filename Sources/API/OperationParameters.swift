extension Operation {
    private static let paging = ["cursor", "limit"]

    /// The names of the query parameters; any other is refused, so that a misspelt filter is not
    /// taken for no filter.
    package var queryParameters: [String] {
        switch self {
        case .listOrganisations: ["business_id"] + Self.paging
        case .listAvailability: ["specialist"] + Self.paging
        case .getCalendar: ["from", "until"]
        case .findTimes:
            [
                "from", "until", "minutes", "service", "specialty", "language", "seller",
                "specialist",
            ]
                + Self.paging
        case .findProfiles:
            ["specialty", "profession", "language", "region", "text"] + Self.paging
        case .listContractRequests: ["contract"] + Self.paging
        case .listNeeds: ["whose"] + Self.paging
        case .listBookings: ["state", "from", "until", "series"] + Self.paging
        case .listContracts: ["state"] + Self.paging
        case .compareContractVersions: ["from"]
        case .listCharges: ["contract", "period"] + Self.paging
        case .listStatements, .listInvoices: ["contract", "state"] + Self.paging
        case .listBankEntries: ["fate"] + Self.paging
        case .compareBooks: ["counterparty"]
        case .getTrialBalance: ["on"]
        case .listUnits, .listMembers, .listCredentials, .listSpecialists, .listLicences,
            .listBankFiles, .listHandshakes, .listEntries, .listEvents, .listAuditFacts:
            Self.paging
        default: []
        }
    }
}
