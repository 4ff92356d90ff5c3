import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// What happened, for those who follow it (invariant 32).

extension Market {
    /// Oldest first. What a transaction that still runs will announce comes with a later page, so
    /// whoever follows the cursor misses nothing.
    package func listEvents(
        _ request: Request, page: Page<RecordPosition>
    ) async throws -> Answer {
        let rows = try await read(
            request, StoredEvent.page(after: page.after, limit: page.limit + 1))
        return try .records(
            rows.map(StoredEvent.init(row:)), page: page, place: \.place, item: { try $0.json })
    }

    /// How far the organisation's events go; nil where there are none.
    package func newestEvent(_ request: Request) async throws -> RecordPosition? {
        try await read(request, StoredEvent.newest).atMostOne().map(StoredEvent.place(row:))
    }
}

extension StoredEvent {
    fileprivate var json: JSON {
        get throws {
            [
                "id": JSON(id.description),
                "kind": JSON(kind),
                "subject_kind": JSON(subjectKind),
                "subject": JSON(SubjectKind.identifier(of: subject, kind: subjectKind)),
                "revision": JSON(revision),
                "organisation": JSON(organisation.description),
                "counterparty": JSON(counterparty?.description),
                "data": try JSON.parse(data),
                "recorded_at": JSON(recordedAt.rfc3339),
            ]
        }
    }
}

extension Answer {
    /// A page that can be followed: `cursor` is the place after the last item even where nothing
    /// more is known yet.
    static func records<Item>(
        _ rows: [Item], page: Page<RecordPosition>, place: (Item) -> RecordPosition,
        item: (Item) throws -> JSON
    ) rethrows -> Answer {
        let last = rows.prefix(page.limit).last.map(place) ?? page.after
        var answer = try Answer.page(
            rows, limit: page.limit, cursor: { place($0).text }, item: item)
        var members = answer.body.members ?? [:]
        members["cursor"] = JSON(last?.text)
        answer.body = .object(members)
        return answer
    }
}

extension SubjectKind {
    /// The identifier as everyone writes it: the TypeID of what `kind` names.
    static func identifier(of subject: UInt128, kind: String) -> String {
        switch SubjectKind(rawValue: kind) {
        case .organisation: OrganisationID(bits: subject).description
        case .unit: UnitID(bits: subject).description
        case .member: MemberID(bits: subject).description
        case .credential: CredentialID(bits: subject).description
        case .specialist: SpecialistID(bits: subject).description
        case .licence: LicenceID(bits: subject).description
        case .contract: ContractID(bits: subject).description
        case .availability: AvailabilityRuleID(bits: subject).description
        case .booking: BookingID(bits: subject).description
        case .handshake: HandshakeID(bits: subject).description
        // A visit is the meeting of one booking, and is named by it.
        case .visit: BookingID(bits: subject).description
        case .charge: ChargeID(bits: subject).description
        case .statement: StatementID(bits: subject).description
        case .dispute: DisputeID(bits: subject).description
        case .invoice: InvoiceID(bits: subject).description
        case .creditNote: CreditNoteID(bits: subject).description
        case .invoiceDelivery: DeliveryID(bits: subject).description
        case .bankFile: BankFileID(bits: subject).description
        case .paymentFile: PaymentFileID(bits: subject).description
        // An organisation has them once, and they are named by it.
        case .signInSettings: OrganisationID(bits: subject).description
        // An organisation has one, which is named by it.
        case .profile, .paymentLimit, .invoiceReception: OrganisationID(bits: subject).description
        case .need: NeedID(bits: subject).description
        case .waitingEntry: WaitingEntryID(bits: subject).description
        case .demand: DemandID(bits: subject).description
        case .block: BlockID(bits: subject).description
        case .resource: ResourceID(bits: subject).description
        case .groupSession: GroupSessionID(bits: subject).description
        case .absence: AbsenceID(bits: subject).description
        case .calendarFeed: CalendarFeedID(bits: subject).description
        case .calendarMailbox: CalendarMailboxID(bits: subject).description
        case .lateInterest: LateInterestID(bits: subject).description
        case .ratingAgain: RatingAgainID(bits: subject).description
        case .nettingRound: NettingRoundID(bits: subject).description
        case .netPayment: NetPaymentID(bits: subject).description
        case .internalCharge: InternalChargeID(bits: subject).description
        case .periodClose: PeriodCloseID(bits: subject).description
        case .billingRun: BillingRunID(bits: subject).description
        case .message: MessageID(bits: subject).description
        case .availabilityTemplate: AvailabilityTemplateID(bits: subject).description
        // A newer server's kind of thing, read while servers are exchanged.
        case nil: EventID(bits: subject).uuidString
        }
    }
}
