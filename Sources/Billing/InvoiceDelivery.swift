/// How an organisation gets its invoices.
package enum DeliveryWay: String, Hashable, Sendable, CaseIterable {
    /// It takes them itself.
    case download
    case mail
    /// Through the folder of an e-invoice operator.
    case `operator`
}

/// In which form.
package enum DeliveryForm: String, Hashable, Sendable, CaseIterable {
    case ubl, finvoice, pdf

    /// What can be sent: PDF is made for who asks.
    package static let sent: [DeliveryForm] = [.ubl, .finvoice]
}

package enum DeliveryState: String, Hashable, Sendable, CaseIterable {
    case queued, sent, acknowledged, failed
}

/// What happens to a delivery.
package enum DeliveryStep: String, Hashable, Sendable, CaseIterable {
    /// The file lies whole beside the operator's folder.
    case prepared
    /// A try failed, and another comes.
    case again
    case sent, acknowledged, failed
}

extension DeliveryState {
    /// The state after a step; nil where it is not possible. What has ended stays.
    package func after(_ step: DeliveryStep) -> DeliveryState? {
        switch (self, step) {
        case (.queued, .prepared), (.queued, .again): .queued
        case (.queued, .sent): .sent
        case (.sent, .acknowledged): .acknowledged
        case (.queued, .failed), (.sent, .failed): .failed
        case (.queued, .acknowledged), (.sent, _), (.acknowledged, _), (.failed, _): nil
        }
    }
}
