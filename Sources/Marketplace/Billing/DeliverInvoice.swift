import Billing
import Documents
import Logging
import MoneyAndTime
import Outgoing
import Postgres
import Storage
import StrictJSON

// The steps of a delivery, by the worker of deadlines: each in its own transaction, so that a
// server that dies between two leaves nothing half done and nothing is given twice.

extension Market {
    /// The next step of a delivery that waits.
    func deliver(_ id: DeliveryID, in transaction: Transaction) async throws {
        let delivery = try await transaction.delivery(id)
        guard delivery.state == .queued else { return }
        switch delivery.way {
        case .download: return
        case .mail: try await mail(delivery, in: transaction)
        case .operator: try await give(delivery, in: transaction)
        }
    }

    /// Mail says later what became of it.
    private func mail(_ delivery: StoredDelivery, in transaction: Transaction) async throws {
        guard surroundings.mail.sender != nil, let address = delivery.address else {
            try await transaction.query(
                delivery.move(.failed, problem: "no mail goes out from this server"))
            return
        }
        let (issued, facts) = try await transaction.issued(delivery)
        let document = try issued.written(as: delivery.form)
        try await transaction.queue(
            NewMessage(
                of: issued.issuer, by: .mail, to: address, subject: Self.subject(of: facts),
                text: Self.text(of: facts),
                attachments: [
                    MessageAttachment(
                        contentType: "\(document.mediaType); charset=utf-8",
                        name: document.fileName,
                        content: String(decoding: document.bytes, as: UTF8.self))
                ], cause: "invoice_delivery:\(delivery.id.uuidString)"))
    }

    /// First written whole beside the folder, and committed; then moved into it.
    private func give(_ delivery: StoredDelivery, in transaction: Transaction) async throws {
        guard let folder = surroundings.operatorFolder else {
            try await transaction.query(
                delivery.move(.failed, problem: "no operator's folder is set up"))
            return
        }
        let name = "\(delivery.id).xml"
        do {
            if delivery.isPrepared {
                try folder.give(name)
                try await transaction.query(delivery.move(.sent))
            } else {
                let issued = try await transaction.issued(delivery).issued
                try folder.prepare(name, issued.written(as: delivery.form).bytes)
                try await transaction.query(delivery.move(.prepared))
            }
        } catch let failure as OperatorFolder.Failure {
            logger.error(
                "an invoice waits for its operator",
                metadata: ["delivery": "\(delivery.id)", "problem": "\(failure)"])
            try await transaction.query(delivery.move(.again, problem: "\(failure)"))
        }
    }

    /// Hears what the operator has said in its folder; true where there was something. An answer
    /// to nothing that waits is removed, too: it has been heard, or is nobody's.
    package func readOperatorAnswers() async throws -> Bool {
        guard let folder = surroundings.operatorFolder else { return false }
        let answers = folder.answers(most: 100)
        for answer in answers {
            if let id = try? DeliveryID(typeID: answer.name) {
                let heard = try await asRefusals {
                    try await database.write([
                        StoredDelivery.readAnswer(
                            id, isTaken: answer.isTaken,
                            problem: PersonalIdentityCode.looksLike(answer.problem)
                                ? "" : answer.problem)
                    ]).only()["heard", Bool.self]
                }
                if !heard {
                    logger.notice(
                        "an operator's answer is to nothing that waits",
                        metadata: ["delivery": "\(id)"])
                }
            }
            folder.forget(answer)
        }
        return !answers.isEmpty
    }

    private static func subject(of facts: InvoiceFacts) -> String {
        "Lasku, faktura, invoice \(facts.number): \(facts.seller.name)"
    }

    /// In three languages: whose mailbox it is does not say which is read there.
    private static func text(of facts: InvoiceFacts) -> String {
        """
        Liitteenä lasku \(facts.number), lähettäjä \(facts.seller.name).
        Bifogat finns fakturan \(facts.number) från \(facts.seller.name).
        Attached is the invoice \(facts.number) of \(facts.seller.name).

        """
    }
}

extension Transaction {
    fileprivate func issued(
        _ delivery: StoredDelivery
    ) async throws -> (issued: IssuedInvoice, facts: InvoiceFacts) {
        let issued = try await IssuedInvoice(
            row: query(StoredInvoice.issued(delivery.invoice)).only())
        return (issued, try issued.facts)
    }
}

extension IssuedInvoice {
    fileprivate func written(as form: DeliveryForm) throws -> Document {
        switch form {
        case .ubl, .pdf: ubl
        case .finvoice: try finvoice
        }
    }
}
