import MoneyAndTime

/// What decides whether a buyer is reminded of an invoice. What is disputed is on no invoice yet.
package struct ReminderFacts: Hashable, Sendable {
    /// Why no reminder is sent. The raw values are the words in JSON.
    package enum Obstacle: String, Hashable, Sendable, CaseIterable {
        case nothingOpen = "nothing_open"
        /// It is due today or later.
        case notOverdue = "not_overdue"
        /// It is in a round of netting that has not ended.
        case inNetting = "in_netting"
        /// Its buyer has approved a file that pays it.
        case inPayment = "in_payment"
        /// A payment that names it has come, and waits for a person of the seller.
        case paymentWaits = "payment_waits"
        /// One was sent today.
        case sentToday = "sent_today"
    }

    package let dueOn: CalendarDate
    package let open: Money
    package let isInNetting: Bool
    package let isInPayment: Bool
    package let isPaymentWaiting: Bool
    package let lastSentOn: CalendarDate?

    package init(
        dueOn: CalendarDate, open: Money, isInNetting: Bool = false, isInPayment: Bool = false,
        isPaymentWaiting: Bool = false, lastSentOn: CalendarDate? = nil
    ) {
        self.dueOn = dueOn
        self.open = open
        self.isInNetting = isInNetting
        self.isInPayment = isInPayment
        self.isPaymentWaiting = isPaymentWaiting
        self.lastSentOn = lastSentOn
    }

    /// Nil where a reminder may be sent on this day.
    package func obstacle(on day: CalendarDate) -> Obstacle? {
        if open <= .zero { return .nothingOpen }
        if day <= dueOn { return .notOverdue }
        if isInNetting { return .inNetting }
        if isInPayment { return .inPayment }
        if isPaymentWaiting { return .paymentWaits }
        if let lastSentOn, day <= lastSentOn { return .sentToday }
        return nil
    }
}
