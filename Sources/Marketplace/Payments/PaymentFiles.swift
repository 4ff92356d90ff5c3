import Billing
import Documents
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON

// Payment files: proposed by one person, approved by another, made for the bank.

extension Market {
    /// The most invoices of one file.
    package static let mostPayments = 1000

    package func listPaymentFiles(
        _ request: Request, page: Page<PaymentFileID>
    ) async throws -> Answer {
        let rows = try await read(
            request, StoredPaymentFile.page(after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredPaymentFile.init(row:)), limit: page.limit,
            cursor: { $0.id.description }, item: { .object(JSONObject($0.head)) })
    }

    package func paymentFile(_ request: Request, _ id: PaymentFileID) async throws -> Answer {
        try await view(request) { transaction, _ in try await transaction.paymentAnswer(id) }
    }

    /// The file for the bank, byte for byte as it was made at the approval. Who took it is kept.
    package func paymentFileDocument(
        _ request: Request, _ id: PaymentFileID
    ) async throws -> Document {
        guard let row = try await read(request, StoredPaymentFile.document(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        return try Document(
            bytes: row.decode("document"), mediaType: "application/xml",
            fileName: "\(row["message_id", String.self]).xml")
    }

    /// Puts approved invoices into one file, each at what is open of it.
    package func proposePaymentFile(
        _ request: Request, invoices: [InvoiceID], on day: CalendarDate
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let member = try await transaction.ownPerson(caller)
            try await transaction.query(StoredPaymentFile.claim(caller.organisation))
            let payables = try await transaction.payables(invoices, of: caller)
            for payable in payables
            where payable.approvedBy == nil || payable.file != nil || payable.open <= .zero {
                throw Refusal(
                    .notPayable, figures: ["invoice": JSON(payable.invoice.description)])
            }
            let debtor = try await transaction.ownOrganisation()
            guard let iban = debtor.iban else {
                throw Refusal(.partyDataMissing, figures: ["missing": ["/iban"]])
            }
            let now = try await transaction.now()
            let today = try WallClock.finnish.date(of: now)
            guard day >= today else {
                throw InvalidInput(
                    pointer: "/execution_on", code: "out_of_range",
                    message: "must not be in the past")
            }
            let id: PaymentFileID = newID()
            let name = Self.name(of: id)
            let file = NewPaymentFile(
                id: id, organisation: caller.organisation, messageID: name, iban: iban,
                executionOn: day, total: try Money.sum(of: payables.map(\.open)),
                proposedBy: member,
                orders: payables.enumerated().map {
                    ($1.invoice, $1.open, "\(name.prefix(30))-\($0 + 1)")
                })
            try await transaction.each(file.insert())
            try await transaction.note(
                .init(
                    .paymentFile, id, "payment_file.proposed", revision: 1,
                    facts: [
                        "total": JSON(file.total.decimal), "invoices": JSON(payables.count),
                    ]),
                by: caller)
            return try await transaction.paymentAnswer(id)
        }
    }

    /// `MsgId`: the random part of the identifier, in the letters that every bank takes.
    static func name(of id: PaymentFileID) -> String {
        let letters = id.description.split(separator: "_").last.map { $0.uppercased() } ?? ""
        return "A\(letters)"
    }

    /// A second person approves the file above the limit, or where it pays an invoice again; then
    /// it is made, once.
    package func approvePaymentFile(
        _ request: Request, _ id: PaymentFileID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let member = try await transaction.ownPerson(caller)
            try await transaction.query(StoredPaymentFile.claim(caller.organisation))
            let file = try await transaction.storedPaymentFile(id)
            let orders = try await transaction.query(StoredPaymentOrder.all(of: id))
                .map(StoredPaymentOrder.init(row:))
            try file.approve(
                by: member, limit: try await transaction.paymentLimit(),
                paysAgain: orders.contains(where: \.wasPaidBefore))
            if let changed = orders.first(where: { $0.open < $0.amount }) {
                throw Refusal(
                    .notPayable, figures: ["invoice": JSON(changed.invoice.description)])
            }
            let document = try await Pain001Writer(createdAt: transaction.now()).write(
                transaction.payment(file, orders, of: caller))
            try await transaction.query(
                StoredPaymentFile.approve(id, by: member, document: document))
            try await transaction.note(
                .init(
                    .paymentFile, id, "payment_file.approved", revision: 1,
                    facts: ["total": JSON(file.total.decimal)]),
                by: caller)
            return try await transaction.paymentAnswer(id)
        }
    }

    /// The bank never got the file, and will not, as a person says: its invoices can be paid by
    /// another.
    package func withdrawPaymentFile(
        _ request: Request, _ id: PaymentFileID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            _ = try caller.person
            try await transaction.query(StoredPaymentFile.claim(caller.organisation))
            let file = try await transaction.storedPaymentFile(id)
            guard file.withdrawnAt == nil else { throw Refusal(.paymentFileWithdrawn) }
            guard file.pending == file.count else { throw Refusal(.paymentFileAnswered) }
            try await transaction.each(StoredPaymentFile.withdraw(id))
            try await transaction.note(
                .init(.paymentFile, id, "payment_file.withdrawn", revision: 1), by: caller)
            return try await transaction.paymentAnswer(id)
        }
    }
}

extension StoredPaymentFile {
    fileprivate func approve(by member: MemberID, limit: Money, paysAgain: Bool) throws {
        do throws(PaymentApprovalRefusal) {
            try PaymentApproval(
                total: total, proposedBy: proposedBy, paysAgain: paysAgain,
                isApproved: approvedBy != nil, isWithdrawn: withdrawnAt != nil
            ).approve(by: member, limit: limit)
        } catch {
            switch error {
            case .alreadyApproved: throw Refusal(.paymentFileApproved)
            case .withdrawn: throw Refusal(.paymentFileWithdrawn)
            case .secondPersonNeeded(let above):
                throw Refusal(.secondPersonNeeded, figures: ["above": JSON(above.decimal)])
            }
        }
    }
}

extension Transaction {
    fileprivate func ownOrganisation() async throws -> Organisation {
        try await StoredOrganisation(row: query(StoredOrganisation.own).only()).organisation
    }

    func storedPaymentFile(_ id: PaymentFileID) async throws -> StoredPaymentFile {
        guard let row = try await query(StoredPaymentFile.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        return try StoredPaymentFile(row: row)
    }

    /// The file with its payments.
    func paymentAnswer(_ id: PaymentFileID) async throws -> Answer {
        let file = try await storedPaymentFile(id)
        let orders = try await query(StoredPaymentOrder.all(of: id))
            .map(StoredPaymentOrder.init(row:))
        let details = [("payments", JSON.array(orders.map(\.json)))]
        return Answer(
            .object(JSONObject(file.head + details)), location: "/v1/payment-files/\(id)")
    }

    /// What the bank is told.
    fileprivate func payment(
        _ file: StoredPaymentFile, _ orders: [StoredPaymentOrder], of caller: Caller
    ) async throws -> PaymentFile {
        let debtor = try await ownOrganisation()
        let payables = try await payables(orders.map(\.invoice), of: caller)
        let byInvoice = Dictionary(
            payables.map { ($0.invoice, $0) }, uniquingKeysWith: { first, _ in first })
        return PaymentFile(
            messageID: file.messageID, debtorName: debtor.legalName, debtorIBAN: file.iban,
            debtorTown: debtor.address.city,
            debtorCountry: debtor.address.country, executionOn: file.executionOn,
            orders: orders.compactMap { order in
                byInvoice[order.invoice].map {
                    PaymentOrder(
                        invoice: order.invoice, amount: order.amount,
                        creditorName: $0.sellerName, creditorIBAN: $0.iban, town: $0.town,
                        country: $0.country, reference: $0.reference,
                        endToEndID: order.endToEndID)
                }
            })
    }
}

extension StoredPaymentFile {
    /// The word for where it stands.
    private var state: String {
        if withdrawnAt != nil { return "withdrawn" }
        if approvedBy == nil { return "proposed" }
        return pending == count ? "approved" : "answered"
    }

    fileprivate var head: [(String, JSON)] {
        [
            ("id", JSON(id.description)),
            ("message_id", JSON(messageID)),
            ("state", JSON(state)),
            ("iban", JSON(iban.text)),
            ("execution_on", JSON(executionOn.iso)),
            ("total", JSON(total.decimal)),
            ("currency", JSON(Currency.eur.rawValue)),
            ("count", JSON(count)),
            ("accepted", JSON(accepted)),
            ("rejected", JSON(rejected)),
            ("proposed_by", JSON(proposedBy.description)),
            ("proposed_by_name", JSON(proposedByName)),
            ("proposed_at", JSON(proposedAt.rfc3339)),
            ("approved_by", JSON(approvedBy?.description)),
            ("approved_by_name", JSON(approvedByName)),
            ("approved_at", JSON(approvedAt?.rfc3339)),
            ("withdrawn_at", JSON(withdrawnAt?.rfc3339)),
        ]
    }
}

extension StoredPaymentOrder {
    fileprivate var json: JSON {
        [
            "number": JSON(number),
            "invoice": JSON(invoice.description),
            "invoice_number": JSON(invoiceNumber),
            "seller_name": JSON(sellerName),
            "amount": JSON(amount.decimal),
            "end_to_end_id": JSON(endToEndID),
            "paid_before": JSON(wasPaidBefore),
            "state": JSON(state.rawValue),
            "code": JSON(code),
            "words": JSON(words),
        ]
    }
}
