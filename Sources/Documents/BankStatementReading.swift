import Billing
import MoneyAndTime
import StrictJSON

extension BankStatement {
    /// The payments of all entries, each with its key.
    package var transactions: [BankTransaction] {
        var occurrences: [String: Int] = [:]
        return entries.enumerated().flatMap { place, entry in
            let name = entry.servicerReference ?? "\(id ?? "")#\(place + 1)"
            return entry.parts.enumerated().map { index, part in
                // A bank that names two bookings of one statement alike means two bookings.
                let base = key(of: part, in: entry, named: name, index: index)
                let occurrence = occurrences[base, default: 0] + 1
                occurrences[base] = occurrence
                let key = occurrence == 1 ? base : "\(base)|\(occurrence)"
                return transaction(of: part, in: entry, key: key)
            }
        }
    }

    private func key(
        of part: BankEntry.Part, in entry: BankEntry, named name: String, index: Int
    ) -> String {
        let flow = part.direction.rawValue + (entry.isReversal ? " reversal" : "")
        let amount = "\(part.amount.decimal) \(part.amount.currency)"
        let words = [
            account.text, part.detail?.servicerReference ?? name, entry.bookedOn?.iso ?? "-",
            flow, amount, String(index + 1),
        ]
        // A bar inside a bank's own words must not shift the fields.
        return words.map { $0.split(separator: "|", omittingEmptySubsequences: false) }
            .map { $0.joined(separator: "||") }.joined(separator: "|")
    }

    private func transaction(
        of part: BankEntry.Part, in entry: BankEntry, key: String
    ) -> BankTransaction {
        let message = part.detail?.message ?? entry.information
        return BankTransaction(
            account: account, key: key, direction: part.direction, isReversal: entry.isReversal,
            isBooked: entry.status == .booked, isUnsplitBatch: part.isUnsplitBatch,
            amount: part.amount, bookedOn: entry.bookedOn,
            references: Set(part.detail?.references ?? part.references).sorted(),
            message: message, counterpartyName: part.detail?.counterpartyName,
            endToEndID: part.detail?.endToEndID, returnCode: part.detail?.returnCode)
    }

    /// Opening balance and booked entries less the closing balance, in 1/100,000; `nil` without
    /// both balances. Banks' files do not always reconcile, which is said and not refused.
    package var unreconciled: Int128? {
        func signed(_ amount: BankAmount, _ direction: BankTransaction.Direction) -> Int128 {
            let units = Int128(amount.hundredThousandths)
            return direction == .credit ? units : -units
        }
        guard let opening = balances.first(where: { $0.code == "OPBD" }),
            let closing = balances.last(where: { $0.code == "CLBD" })
        else { return nil }
        let booked = entries.filter { $0.status == .booked }
        return booked.reduce(signed(opening.amount, opening.direction)) {
            $0 + signed($1.amount, $1.direction)
        } - signed(closing.amount, closing.direction)
    }

    /// The content without the file's spelling of it (RFC 8785), with the statement's own
    /// `transactions`: its SHA-256 is the same when the bank sends the statement again with other
    /// white space or another message id.
    package func canonical(_ transactions: [BankTransaction]? = nil) throws -> [UInt8] {
        try JSON.object([
            "account": .string(account.text),
            "statement": JSON(id),
            "balances": .array(
                balances.map { balance in
                    [
                        "code": .string(balance.code), "on": JSON(balance.on?.iso),
                        "amount": .string("\(balance.amount.decimal) \(balance.amount.currency)"),
                        "direction": .string(balance.direction.rawValue),
                    ]
                }),
            "transactions": .array(
                (transactions ?? self.transactions).map { transaction in
                    [
                        "key": .string(transaction.key),
                        "booked": .bool(transaction.isBooked),
                        "reference": JSON(transaction.reference),
                        "message": JSON(transaction.message),
                        "counterparty": JSON(transaction.counterpartyName),
                    ]
                }),
        ]).canonical()
    }
}

extension BankEntry {
    /// What becomes one transaction.
    fileprivate struct Part {
        let detail: Detail?
        let amount: BankAmount
        let direction: BankTransaction.Direction
        var isUnsplitBatch = false
        /// Of a batch that names what it sums.
        var references: [String] = []
    }

    /// The payments of the entry, if they can be told apart and add up to it; else the entry as
    /// one sum. To trust details that do not add up would make money of nothing.
    fileprivate var parts: [Part] {
        let whole = Part(
            detail: nil, amount: amount, direction: direction, isUnsplitBatch: true,
            references: referencesOfBatch)
        guard let first = details.first else {
            let isBatch = (batchCount ?? 1) > 1
            return [
                Part(
                    detail: nil, amount: amount, direction: direction, isUnsplitBatch: isBatch)
            ]
        }
        if details.count == 1 {
            // The entry's amount is what was booked; the payment's may be in another currency.
            guard (batchCount ?? 1) <= 1 else { return [whole] }
            return [Part(detail: first, amount: amount, direction: direction)]
        }
        var parts: [Part] = []
        var sum: Int128 = 0
        for detail in details {
            guard let own = detail.amount, own.currency == amount.currency else { return [whole] }
            let flow = detail.direction ?? direction
            sum += Int128(own.hundredThousandths) * (flow == direction ? 1 : -1)
            parts.append(Part(detail: detail, amount: own, direction: flow))
        }
        return sum == Int128(amount.hundredThousandths) ? parts : [whole]
    }

    /// What a batch names, if every payment in it names one reference and none an amount: amounts
    /// that do not add up are not to be trusted.
    private var referencesOfBatch: [String] {
        guard details.allSatisfy({ $0.amount == nil && Set($0.references).count == 1 }),
            (batchCount ?? details.count) == details.count
        else { return [] }
        return details.flatMap(\.references)
    }
}
