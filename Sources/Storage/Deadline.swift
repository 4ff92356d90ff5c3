import MoneyAndTime
import Postgres

/// A row of `deadline`, taken by the worker that acts on it.
package struct Deadline: Sendable {
    package enum Kind: String, Sendable {
        case holdExpiry = "hold_expiry"
        case handshakeReply = "handshake_reply"
        /// A notice has run out.
        case contractEnd = "contract_end"
        /// Nobody may answer a need any more.
        case needDeadline = "need_deadline"
        /// Time of a specialist may have come free.
        case waitingList = "waiting_list"
        /// A waiting entry is looked after, whatever has made time bookable.
        case waitingLook = "waiting_look"
        /// The last start that somebody waits for.
        case waitingEnd = "waiting_end"
        /// No more visits are placed in a block.
        case blockCloses = "block_closes"
        /// A block is over, and what stayed unused is charged.
        case blockEnds = "block_ends"
        // reminders of a visit, as long before it
        case visitInADay = "visit_in_a_day"
        case visitInAnHour = "visit_in_an_hour"
        case visitInAQuarter = "visit_in_a_quarter"
        /// A while after a visit's planned end.
        case visitOver = "visit_over"
        case holdEndsSoon = "hold_ends_soon"
        case placingEndsSoon = "placing_ends_soon"
        /// Nobody accepted a request for someone at once.
        case demandEnd = "demand_end"
        /// The buyer's days to look at a statement are over.
        case statementSilence = "statement_silence"
        /// A side has not answered a dispute in time.
        case disputeAnswer = "dispute_answer"
        /// The next step of an invoice on its way to its buyer.
        case invoiceDelivery = "invoice_delivery"
        /// A step of a billing run.
        case billingStep = "billing_step"
        /// The days to consent to a round of netting are over.
        case nettingConsent = "netting_consent"
    }

    /// What is to be done, and to what.
    package enum Duty: Sendable {
        case expireHold(BookingID)
        case answerHandshake(BookingID)
        case endContract(ContractID)
        case endAnswers(NeedID)
        case offerFreeTime(SpecialistID)
        case lookAfter(WaitingEntryID)
        case endWaiting(WaitingEntryID)
        case closeBlock(BlockID)
        case settleBlock(BlockID)
        case endDemand(DemandID)
        case acceptBySilence(StatementID)
        case escalateDispute(DisputeID)
        case deliver(DeliveryID)
        case bill(BillingStepID)
        case settleNetting(NettingRoundID)
        /// People are told, of whatever the kind is about.
        case tell(Kind, EventID)
    }

    package let id: Int64
    package let duty: Duty
    package let organisation: OrganisationID
    private let kind: Kind

    package init(row: Row) throws {
        guard let kind = Kind(rawValue: try row.decode("kind")) else {
            throw CellError.malformed("a deadline's kind")
        }
        id = try row.decode("id")
        self.kind = kind
        duty =
            switch kind {
            case .holdExpiry: .expireHold(try row.decode("subject"))
            case .handshakeReply: .answerHandshake(try row.decode("subject"))
            case .contractEnd: .endContract(try row.decode("subject"))
            case .needDeadline: .endAnswers(try row.decode("subject"))
            case .waitingList: .offerFreeTime(try row.decode("subject"))
            case .waitingLook: .lookAfter(try row.decode("subject"))
            case .waitingEnd: .endWaiting(try row.decode("subject"))
            case .blockCloses: .closeBlock(try row.decode("subject"))
            case .blockEnds: .settleBlock(try row.decode("subject"))
            case .demandEnd: .endDemand(try row.decode("subject"))
            case .statementSilence: .acceptBySilence(try row.decode("subject"))
            case .disputeAnswer: .escalateDispute(try row.decode("subject"))
            case .invoiceDelivery: .deliver(try row.decode("subject"))
            case .billingStep: .bill(try row.decode("subject"))
            case .nettingConsent: .settleNetting(try row.decode("subject"))
            case .visitInADay, .visitInAnHour, .visitInAQuarter, .visitOver, .holdEndsSoon,
                .placingEndsSoon:
                .tell(kind, try row.decode("subject"))
            }
        organisation = try row.decode("organisation")
    }

    /// The longest overdue one that nobody else has, locked before anything else is.
    package static let take: Query = "select * from take_deadline()"

    /// Acts as its organisation for this transaction: no credential, and the cause by name.
    package var enter: Query {
        """
        select set_config('app.organisation', \(organisation.uuidString), true),
            set_config('app.operation', \(kind.rawValue), true)
        """
    }

    package static func expireHold(_ booking: BookingID) -> Query {
        "select expire_overdue_hold(\(booking))"
    }

    /// Holds the time for the first in line whom it fits.
    package static func offerFreeTime(of specialist: SpecialistID) -> Query {
        "select offer_free_time(\(specialist))"
    }

    package static func lookAfter(_ entry: WaitingEntryID) -> Query {
        "select look_after_entry(\(entry))"
    }

    package static func tell(_ kind: Kind, _ subject: EventID) -> Query {
        "select raise_due_alert(\(kind.rawValue)::text, \(subject))"
    }

    package var drop: Query { "select drop_deadline(\(id))" }

    package var postpone: Query { "select postpone_deadline(\(id))" }
}
