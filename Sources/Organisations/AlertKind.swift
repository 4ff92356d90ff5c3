/// What members are told of: the closed list. The events that each comes from, and the same roles
/// and ways, are in `alert_rule` and `alert_kind` of the database; a test compares them.
package enum AlertKind: String, Hashable, Sendable, CaseIterable {
    // a visit, from its booking to its minutes
    case visitBooked = "visit_booked"
    case proposalWaits = "proposal_waits"
    case proposalCountered = "proposal_countered"
    case visitAgreed = "visit_agreed"
    /// Declined, withdrawn, or not answered in time.
    case proposalEnded = "proposal_ended"
    case visitCancelled = "visit_cancelled"
    case visitMoved = "visit_moved"
    /// A colleague holds it in the place of one who is absent.
    case visitSubstituted = "visit_substituted"
    /// As long before it as the member chose.
    case visitSoon = "visit_soon"
    case holdEnding = "hold_ending"
    case waitingOffer = "waiting_offer"
    /// Somebody asks for someone at once.
    case demandAsked = "demand_asked"
    case demandAccepted = "demand_accepted"
    case demandExpired = "demand_expired"
    case blockMade = "block_made"
    case placingEnding = "placing_ending"
    case minutesWait = "minutes_wait"
    case minutesContested = "minutes_contested"
    // money
    case statementWaits = "statement_waits"
    case statementAccepted = "statement_accepted"
    case invoiceIssued = "invoice_issued"
    case creditNoteIssued = "credit_note_issued"
    /// Charges of a month were replaced by what a later version makes of them.
    case ratedAgain = "rated_again"
    case invoiceWrittenOff = "invoice_written_off"
    case invoiceRefunded = "invoice_refunded"
    /// Of an overdue one.
    case invoiceReminder = "invoice_reminder"
    /// By the organisation itself.
    case ownWriteOff = "own_write_off"
    /// Above which two people pay.
    case paymentLimitSet = "payment_limit_set"
    /// Where invoices to the organisation go.
    case receptionChanged = "reception_changed"
    case nettingProposed = "netting_proposed"
    case netPaymentDue = "net_payment_due"
    /// A side has answered a dispute, or opened it.
    case disputeWaits = "dispute_waits"
    case disputeEscalated = "dispute_escalated"
    case disputeSettled = "dispute_settled"
    // contracts
    case contractOffered = "contract_offered"
    case contractToSign = "contract_to_sign"
    case contractDeclined = "contract_declined"
    case contractAsked = "contract_asked"
    // the organisation itself
    case messageGivenUp = "message_given_up"

    /// Whom of an organisation it is for.
    package var roles: Set<Role> {
        switch self {
        case .visitBooked, .proposalWaits, .proposalCountered, .visitAgreed, .proposalEnded,
            .visitCancelled, .visitMoved, .visitSubstituted, .visitSoon, .minutesWait,
            .minutesContested, .demandAsked:
            [.scheduler, .specialist]
        case .holdEnding, .waitingOffer, .blockMade, .placingEnding, .demandAccepted,
            .demandExpired:
            [.scheduler]
        case .statementWaits, .statementAccepted, .invoiceIssued, .disputeWaits,
            .disputeSettled, .creditNoteIssued, .ratedAgain, .invoiceWrittenOff, .invoiceRefunded,
            .nettingProposed, .netPaymentDue, .invoiceReminder:
            [.finance]
        case .disputeEscalated, .ownWriteOff, .paymentLimitSet, .receptionChanged:
            [.finance, .admin]
        case .contractOffered, .contractDeclined: [.admin, .signatory]
        case .contractToSign: [.signatory]
        case .contractAsked, .messageGivenUp: [.admin]
        }
    }

    /// Whether a mail goes out where nobody chose otherwise.
    package var isMailed: Bool {
        switch self {
        case .visitBooked, .visitAgreed, .visitSoon, .holdEnding, .minutesWait,
            .statementAccepted, .disputeSettled, .messageGivenUp, .demandAsked, .demandAccepted,
            .demandExpired:
            false
        default: true
        }
    }

    /// Whether its mail waits for no others.
    package var isUrgent: Bool {
        switch self {
        case .visitCancelled, .visitMoved, .visitSubstituted, .visitSoon, .holdEnding,
            .waitingOffer, .demandAsked, .demandAccepted, .demandExpired:
            true
        default: false
        }
    }
}

/// How one member is told.
package struct AlertChoices: Hashable, Sendable {
    package struct Ways: Hashable, Sendable {
        package let bell: Bool
        package let mail: Bool

        package init(bell: Bool, mail: Bool) {
            self.bell = bell
            self.mail = mail
        }
    }

    /// Minutes before a visit at which somebody can be reminded.
    package static let leads: [Int64] = [15, 60, 1_440]
    /// How long a mail that is not urgent waits after the one before, in minutes.
    package static let digests: ClosedRange<Int64> = 5...1_440

    /// Where it is not as the kind has it.
    package let ways: [AlertKind: Ways]
    /// Of `leads`.
    package let reminders: [Int64]
    package let digestMinutes: Int64
    /// Of the mail: `fi`, `sv` or `en`.
    package let language: String

    package init(
        ways: [AlertKind: Ways], reminders: [Int64], digestMinutes: Int64, language: String
    ) {
        self.ways = ways
        self.reminders = reminders
        self.digestMinutes = digestMinutes
        self.language = language
    }

    package func ways(of kind: AlertKind) -> Ways {
        ways[kind] ?? Ways(bell: true, mail: kind.isMailed)
    }
}
