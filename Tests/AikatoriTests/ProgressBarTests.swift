import Marketplace
import Testing

@testable import Aikatori

@Suite struct ProgressBarTests {
    @Test func aTerminalHasOneLine() {
        var bar = ProgressBar(isTerminal: true)
        let text = bar.text(of: .init(rule: .entries, done: 1, total: 2))
        #expect(text?.hasPrefix("\r[###############...............] 50 % entries") == true)
        #expect(bar.end == "\r\u{1b}[K")
    }

    @Test func othersHaveALineForEachRuleAndTenth() {
        var bar = ProgressBar(isTerminal: false)
        let told = [0, 1, 9, 10, 11].map {
            bar.text(of: .init(rule: .entries, done: $0, total: 100))
        }
        #expect(told == ["0 % entries\n", nil, nil, "10 % entries\n", nil])
        #expect(bar.text(of: .init(rule: .charges, done: 12, total: 100)) == "12 % charges\n")
        #expect(bar.text(of: .init(rule: .charges, done: 0, total: 0)) == "100 % charges\n")
        #expect(bar.end == nil)
    }
}
