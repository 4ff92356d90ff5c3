extension Operation {
    private static let paging = ["cursor", "limit"]
    private static let wish = [
        "from", "until", "minutes", "service", "specialty", "language", "seller", "specialist",
        "contract", "profession", "weekdays", "hours_from", "hours_until", "present",
        "resources",
    ]

    /// The names of the query parameters; any other is refused, so that a misspelt filter is not
    /// taken for no filter.
    package var queryParameters: [String] {
        switch self {
        case .listOrganisations: ["business_id"] + Self.paging
        case .listAvailability: ["specialist"] + Self.paging
        case .listContractTemplates, .getContractTemplate, .getInvoicePDF: ["language"]
        case .getCalendar, .getUnitCalendar, .previewAbsence, .previewUnitAbsence,
            .previewSalePause, .getResourceCalendar:
            ["from", "until"]
        case .getBookingCalendar: ["form", "language"]
        case .listResources: ["unit", "kind"] + Self.paging
        case .findTimes: Self.wish + Self.paging
        case .findNearestTimes, .findTimesByHour: Self.wish
        case .findGroupSessions:
            Self.wish.filter { !["minutes", "present", "resources"].contains($0) } + ["places"]
                + Self.paging
        case .findProfiles:
            ["specialty", "profession", "language", "region", "text"] + Self.paging
        case .listContractRequests: ["contract"] + Self.paging
        case .listNeeds: ["whose"] + Self.paging
        case .listBookings: ["state", "from", "until", "series"] + Self.paging
        case .listBlocks, .listGroupSessions: ["contract", "from", "until"] + Self.paging
        case .listContracts, .listWaitingList, .listDemands: ["state"] + Self.paging
        case .compareContractVersions: ["from"]
        case .getSoldHours, .getResponseTimes, .getResponseTimesTable: ["month"]
        case .listCharges: ["contract", "period"] + Self.paging
        case .listStatements, .listInvoices: ["contract", "state"] + Self.paging
        case .listDisputes: ["contract", "statement", "state"] + Self.paging
        case .listCreditNotes: ["contract", "invoice"] + Self.paging
        case .listAlerts, .listMessages: ["state"] + Self.paging
        case .listBankEntries: ["fate"] + Self.paging
        case .compareBooks: ["counterparty"]
        case .exportAudit: ["after", "limit"]
        case .getTrialBalance, .getAgeing: ["on"]
        case .getMonthBalance, .getJournal: ["month"]
        case .getLateInterest: ["through"]
        case .getRatingAgain: ["period"]
        case .getAccountStatement: ["account", "counterparty", "month"] + Self.paging
        case .listAvailabilityTemplates, .listMinutes: Self.paging
        case .listProposedAvailability: ["state"] + Self.paging
        case .listUnits, .listMembers, .listCredentials, .listSpecialists, .listLicences,
            .listPresentSpecialists, .listBankFiles, .listPaymentFiles, .listHandshakes,
            .listEntries, .listEvents, .listAuditFacts, .listAuditCheckpoints, .findTimesTogether,
            .listCalendarFeeds, .listCalendarMailboxes, .listBillingRuns, .listNettingRounds:
            Self.paging
        default: []
        }
    }
}
