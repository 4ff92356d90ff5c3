import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON

extension Market {
    /// What waits for the caller's organisation, as far as the caller's roles do it: counts, with
    /// the nearest deadline of each kind and the list that has them.
    package func listToDo(_ request: Request) async throws -> Answer {
        try await view(request) { transaction, caller in
            let kinds = ToDoKind.allCases.filter { caller.roles.contains($0.role.rawValue) }
            let found = try await transaction.query(StoredToDo.all(kinds))
                .map(StoredToDo.init(row:))
            return Answer(["items": .array(found.map(\.json))])
        }
    }
}

extension StoredToDo {
    fileprivate var json: JSON {
        [
            "kind": JSON(kind.rawValue),
            "count": JSON(count),
            "due_on": JSON(dueOn?.iso),
            "due_at": JSON(dueAt?.rfc3339),
            "list": JSON(kind.list),
        ]
    }
}

extension ToDoKind {
    /// Where they are listed.
    fileprivate var list: String {
        switch self {
        case .statementsToAccept: "/v1/statements?state=open"
        case .statementsToInvoice: "/v1/statements?state=accepted"
        case .disputesToAnswer: "/v1/disputes"
        case .invoicesOverdue, .invoicesToPay: "/v1/ledger/open-amounts"
        case .bankEntriesWaiting: "/v1/bank-entries?fate=waiting"
        case .paymentFilesToApprove: "/v1/payment-files"
        case .nettingRoundsToAnswer: "/v1/netting-rounds"
        case .netPaymentsToPay: "/v1/ledger/open-amounts"
        case .monthsToClose: "/v1/ledger/periods"
        case .handshakesToAnswer: "/v1/handshakes"
        case .visitsToday: "/v1/bookings?state=booked"
        case .contractsToSign: "/v1/contracts"
        }
    }
}
