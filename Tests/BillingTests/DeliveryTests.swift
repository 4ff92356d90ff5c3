import Billing
import Testing

@Suite("The life of a delivery")
struct DeliveryTests {
    @Test("only the steps that there are, and what has ended stays")
    func steps() {
        let possible: [DeliveryState: [DeliveryStep: DeliveryState]] = [
            .queued: [
                .prepared: .queued, .again: .queued, .sent: .sent, .failed: .failed,
            ],
            .sent: [.acknowledged: .acknowledged, .failed: .failed],
        ]
        for state in DeliveryState.allCases {
            for step in DeliveryStep.allCases {
                #expect(state.after(step) == possible[state]?[step], "\(state) \(step)")
            }
        }
    }
}
