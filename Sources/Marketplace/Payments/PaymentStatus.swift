import Billing
import Crypto
import Documents
import Foundation
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// What the bank answered to a payment file (pain.002): each payment accepted, or rejected with
    /// its reason. The same answer again changes nothing. It settles no invoice.
    package func importPaymentStatus(
        _ request: Request, _ id: PaymentFileID, _ bytes: [UInt8]
    ) async throws -> Answer {
        // Nobody's file is read before it is known who asks, and none inside a transaction.
        guard try await read(request, StoredPaymentFile.find(id)).atMostOne() != nil else {
            throw Refusal(.notFound)
        }
        let answer: PaymentAnswer
        do {
            answer = try Pain002Reader().read(bytes)
        } catch {
            throw Refusal(refused: error)
        }
        return try await change(request) { transaction, caller in
            try await transaction.query(StoredPaymentFile.claim(caller.organisation))
            let file = try await transaction.storedPaymentFile(id)
            guard answer.messageID == file.messageID else {
                throw Refusal(
                    .answerToAnother, figures: ["message_id": JSON(file.messageID)])
            }
            guard file.withdrawnAt == nil else { throw Refusal(.paymentFileWithdrawn) }
            guard file.approvedBy != nil else { throw Refusal(.paymentFileNotApproved) }
            let digest = [UInt8](SHA256.hash(data: bytes))
            let isNew =
                try await transaction.execute(
                    StoredPaymentFile.answered(id, digest, of: caller.organisation)) == 1
            if isNew { try await take(answer, of: file, by: caller, in: transaction) }
            return try await transaction.paymentAnswer(id)
        }
    }

    private func take(
        _ answer: PaymentAnswer, of file: StoredPaymentFile, by caller: Caller,
        in transaction: Transaction
    ) async throws {
        let orders = try await transaction.query(StoredPaymentOrder.all(of: file.id))
            .map(StoredPaymentOrder.init(row:))
        var (accepted, rejected) = (0, 0)
        for order in orders {
            guard let change = answer.change(of: order.endToEndID, at: order.state) else {
                continue
            }
            try await transaction.query(
                StoredPaymentOrder.change(
                    order.number, of: file.id, to: change.state, change.verdict))
            if change.state == .accepted { accepted += 1 } else { rejected += 1 }
        }
        try await transaction.note(
            .init(
                .paymentFile, file.id, "payment_file.answered", revision: 1,
                facts: ["accepted": JSON(accepted), "rejected": JSON(rejected)]),
            by: caller)
    }
}
