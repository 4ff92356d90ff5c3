import MoneyAndTime

/// An invoice of which something is open, as the suggestions look at it.
package struct SuggestibleInvoice: Hashable, Sendable {
    package let id: InvoiceID
    package let number: String
    package let reference: ReferenceNumber
    package let buyer: OrganisationID
    package let buyerName: String
    /// Above zero.
    package let open: Money
    package let dueOn: CalendarDate

    package init(
        id: InvoiceID, number: String, reference: ReferenceNumber, buyer: OrganisationID,
        buyerName: String, open: Money, dueOn: CalendarDate
    ) {
        self.id = id
        self.number = number
        self.reference = reference
        self.buyer = buyer
        self.buyerName = buyerName
        self.open = open
        self.dueOn = dueOn
    }
}

/// What a payment that waits says of itself.
package struct WaitingPayment: Hashable, Sendable {
    /// What of it was not applied; above zero.
    package let amount: Money
    package let payer: String?
    /// The reference and the free text.
    package let words: String
    package let bookedOn: CalendarDate?

    package init(amount: Money, payer: String?, words: String, bookedOn: CalendarDate?) {
        self.amount = amount
        self.payer = payer
        self.words = words
        self.bookedOn = bookedOn
    }
}

/// What a payment may be for, with its reasons. People confirm it; nothing applies it by itself.
package struct PaymentSuggestion: Hashable, Sendable {
    /// Each with what it weighs. The raw values are the words in JSON.
    package enum Reason: String, Hashable, Sendable, CaseIterable {
        case textNamesNumber = "text_names_number"
        case amountIsOpen = "amount_is_open"
        case referenceIsNear = "reference_is_near"
        case amountIsSum = "amount_is_sum"
        case payerIsBuyer = "payer_is_buyer"
        case payerIsLikeBuyer = "payer_is_like_buyer"
        case bookedNearDue = "booked_near_due"

        package var weight: Int {
            switch self {
            case .textNamesNumber: 50
            case .amountIsOpen, .referenceIsNear: 40
            case .amountIsSum: 35
            case .payerIsBuyer: 25
            case .payerIsLikeBuyer: 15
            case .bookedNearDue: 10
            }
        }
    }

    package let allocations: [Allocation]
    /// The weightiest first.
    package let reasons: [Reason]

    package var score: Int { reasons.reduce(0) { $0 + $1.weight } }

    /// The most that are worth reading.
    package static let most = 5

    /// The best first; equal ones in the order of their due days, then of the invoices.
    package static func ranked(
        for payment: WaitingPayment, among invoices: [SuggestibleInvoice]
    ) -> [PaymentSuggestion] {
        let words = Words(payment)
        var found: [(suggestion: PaymentSuggestion, due: CalendarDate)] = []
        for invoice in invoices {
            let reasons = words.reasons(for: invoice)
            guard reasons.contains(where: { $0 != .bookedNearDue }) else { continue }
            let part = Allocation(invoice: invoice.id, amount: min(payment.amount, invoice.open))
            found.append((PaymentSuggestion([part], reasons), invoice.dueOn))
        }
        for (_, group) in Dictionary(grouping: invoices, by: \.buyer) {
            for several in Sums.of(payment.amount, in: group) {
                let each = several.map { Set(words.reasons(for: $0)) }
                let shared = each.dropFirst().reduce(each[0]) { $0.intersection($1) }
                let parts = several.map { Allocation(invoice: $0.id, amount: $0.open) }
                found.append(
                    (PaymentSuggestion(parts, [.amountIsSum] + shared), several[0].dueOn))
            }
        }
        return found.sorted { left, right in
            if left.suggestion.score != right.suggestion.score {
                return left.suggestion.score > right.suggestion.score
            }
            if left.due != right.due { return left.due < right.due }
            return left.suggestion.order.lexicographicallyPrecedes(right.suggestion.order)
        }.prefix(most).map(\.suggestion)
    }

    private init(_ allocations: [Allocation], _ reasons: [Reason]) {
        self.allocations = allocations
        self.reasons = reasons.sorted { ($1.weight, $0.rawValue) < ($0.weight, $1.rawValue) }
    }

    private var order: [InvoiceID] { allocations.map(\.invoice) }
}

/// Sets of two or more invoices of one buyer that come to exactly an amount.
private enum Sums {
    /// The oldest ones that are looked at in pairs and threes.
    static let most = 20

    static func of(_ amount: Money, in group: [SuggestibleInvoice]) -> [[SuggestibleInvoice]] {
        let oldest = group.sorted { ($0.dueOn, $0.id) < ($1.dueOn, $1.id) }
        let cents = oldest.map(\.open.minorUnits)
        var found: [[Int]] = []
        // the oldest ones, as many as it is
        var sum: Int64 = 0
        for (index, part) in cents.enumerated() {
            let (next, overflow) = sum.addingReportingOverflow(part)
            guard !overflow, next <= amount.minorUnits else { break }
            sum = next
            if sum == amount.minorUnits, index > 2 { found.append(Array(0...index)) }
        }
        let few = min(most, cents.count)
        for first in 0..<few {
            for second in (first + 1)..<max(few, first + 1) {
                let rest = amount.minorUnits - cents[first]
                if rest == cents[second] { found.append([first, second]) }
                for third in (second + 1)..<max(few, second + 1)
                where rest - cents[second] == cents[third] {
                    found.append([first, second, third])
                }
            }
        }
        return found.map { $0.map { oldest[$0] } }
    }
}

/// What the payment's words say of an invoice.
private struct Words {
    private let payment: WaitingPayment
    private let letters: String
    private let numbers: [[UInt8]]
    private let payer: Set<Substring>

    init(_ payment: WaitingPayment) {
        self.payment = payment
        letters = Words.bare(String(payment.words.prefix(1000)))
        numbers = payment.words.prefix(1000)
            .split { !($0.isASCII && $0.isNumber) }
            .map { Array($0.drop { $0 == "0" }.utf8) }.filter { $0.count >= 4 }
        payer = Words.names(payment.payer ?? "")
    }

    func reasons(for invoice: SuggestibleInvoice) -> [PaymentSuggestion.Reason] {
        var found: [PaymentSuggestion.Reason] = []
        if letters.contains(Words.bare(invoice.number)) { found.append(.textNamesNumber) }
        if invoice.open == payment.amount { found.append(.amountIsOpen) }
        let reference = Array(invoice.reference.description.utf8)
        if numbers.contains(where: { Words.isNear($0, reference) }) {
            found.append(.referenceIsNear)
        }
        let buyer = Words.names(invoice.buyerName)
        if !buyer.isEmpty, buyer == payer {
            found.append(.payerIsBuyer)
        } else if 2 * buyer.intersection(payer).count > min(buyer.count, payer.count) {
            found.append(.payerIsLikeBuyer)
        }
        if let day = payment.bookedOn, abs(day.days(since: invoice.dueOn)) <= 5 {
            found.append(.bookedNearDue)
        }
        return found
    }

    /// Letters and digits alone, in capitals.
    private static func bare(_ text: String) -> String {
        String(text.uppercased().filter { $0.isLetter || $0.isNumber })
    }

    /// The words of a name without those that say only what kind of body it is.
    private static func names(_ text: String) -> Set<Substring> {
        let forms: Set<Substring> = ["OY", "OYJ", "AB", "KY", "RY", "OF", "THE", "HVA"]
        return Set(text.uppercased().split { !($0.isLetter || $0.isNumber) }).subtracting(forms)
    }

    /// One digit wrong, missing or too many, or two neighbours exchanged.
    private static func isNear(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let (short, long) = left.count <= right.count ? (left, right) : (right, left)
        guard long.count - short.count <= 1, long.count >= 4, left != right else { return false }
        let head = zip(short, long).prefix { $0 == $1 }.count
        let rest = (short[head...], long[head...])
        if short.count < long.count { return rest.0.elementsEqual(rest.1.dropFirst()) }
        if rest.0.dropFirst().elementsEqual(rest.1.dropFirst()) { return true }
        let (a, b) = (Array(rest.0.prefix(2)), Array(rest.1.prefix(2)))
        return a.count == 2 && a == b.reversed()
            && rest.0.dropFirst(2).elementsEqual(rest.1.dropFirst(2))
    }
}
