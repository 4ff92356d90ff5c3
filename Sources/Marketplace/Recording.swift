import MoneyAndTime
import Postgres
import Storage
import StrictJSON

/// The kinds of things that events and audit facts are about.
package enum SubjectKind: String, Sendable, CaseIterable {
    case organisation, unit, member, credential, specialist, licence
    case contract, availability, booking, handshake, visit
    case charge, statement, dispute, invoice
    case creditNote = "credit_note"
    case invoiceDelivery = "invoice_delivery"
    case bankFile = "bank_file"
    case paymentFile = "payment_file"
    case signInSettings = "sign_in_settings"
    case profile, need, absence, demand
    case waitingEntry = "waiting_entry"
    case availabilityTemplate = "availability_template"
    case block, resource, message
    case groupSession = "group_session"
    case calendarFeed = "calendar_feed"
    case calendarMailbox = "calendar_mailbox"
    case periodClose = "period_close"
    case lateInterest = "late_interest"
    case billingRun = "billing_run"
    case ratingAgain = "rating_again"
    case nettingRound = "netting_round"
    case netPayment = "net_payment"
    case internalCharge = "internal_charge"
    case paymentLimit = "payment_limit"
    case invoiceReception = "invoice_reception"
}

/// One change, told twice in its own transaction: as an event for those who follow, and as an
/// audit fact (invariants 28 and 32). Never a patient reference in either (invariant 29).
struct Happening {
    let subjectKind: SubjectKind
    let subject: Query
    let kind: String
    let revision: Int64
    let counterparty: OrganisationID?
    let facts: JSON

    init<Tag>(
        _ subjectKind: SubjectKind, _ subject: ID<Tag>, _ kind: String, revision: Int64,
        counterparty: OrganisationID? = nil, facts: JSON = .object([:])
    ) {
        self.subjectKind = subjectKind
        self.subject = "\(subject)"
        self.kind = kind
        self.revision = revision
        self.counterparty = counterparty
        self.facts = facts
    }
}

extension Transaction {
    /// Writes the event and the audit fact. `revision` is the subject's own after the change, so
    /// that the events of one subject are numbered without a gap.
    func record(_ happening: Happening, by caller: Caller) async throws {
        try await record(happening, for: caller.organisation)
    }

    /// The same where nobody entered, as with what the command line does.
    func record(_ happening: Happening, for organisation: OrganisationID) async throws {
        let facts = happening.facts.compactText
        try await query(
            """
            select announce(\(happening.kind)::text, \(happening.subjectKind.rawValue)::text,
                \(happening.subject), \(happening.revision), \(organisation),
                \(happening.counterparty), \(facts)::jsonb),
                audit(\(happening.subjectKind.rawValue)::text, \(happening.subject),
                \(organisation), \(happening.counterparty), \(facts)::jsonb)
            """)
    }

    /// The audit fact alone, of what changes nothing that others follow.
    func note(_ happening: Happening, by caller: Caller) async throws {
        try await query(
            """
            select audit(\(happening.subjectKind.rawValue)::text, \(happening.subject),
                \(caller.organisation), \(happening.counterparty),
                \(happening.facts.compactText)::jsonb)
            """)
    }

    /// A query whose violation of a constraint is a refusal and no fault.
    @discardableResult
    func query(
        _ query: Query, refusing state: SQLState, as code: RefusalCode
    ) async throws -> Rows {
        do {
            return try await self.query(query)
        } catch let error as PostgresError where error.state == state {
            throw Refusal(code)
        }
    }
}
