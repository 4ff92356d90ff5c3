import Marketplace
import Web

extension Market {
    /// What the worker does for a market, and how often it looks. `words` writes the mail of
    /// alerts, and `calendarWords` that of invitations.
    func duties(_ words: AlertWords, _ calendarWords: CalendarMailWords) -> [Worker.Duty] {
        [
            Worker.Duty("due", every: .milliseconds(250)) {
                try await actOnWhatIsDue(most: 100) > 0
            },
            Worker.Duty("mail", every: .seconds(1)) { try await sendNextMail() },
            Worker.Duty("messages", every: .seconds(1)) { try await sendNextMessage() },
            Worker.Duty("texts", every: .seconds(1)) { try await sendNextText() },
            Worker.Duty("operator answers", every: .seconds(5)) { try await readOperatorAnswers() },
            Worker.Duty("busy", every: .seconds(2)) { try await readNextBusyCalendar() },
            Worker.Duty("alerts", every: .milliseconds(250)) {
                try await raiseAlerts(most: 200) > 0
            },
            Worker.Duty("calendar mail", every: .seconds(1)) {
                try await mailNextCalendarMessage { calendarWords.mail($0) }
            },
            Worker.Duty("alert mail", every: .seconds(2)) {
                try await mailNextAlerts { words.mail($0, at: surroundings.publicAddress) }
            },
            Worker.Duty("seal", every: .milliseconds(250)) {
                try await sealAudit(most: 500) > 0
            },
            Worker.Duty("checkpoint", every: .seconds(5)) {
                _ = try await publishAuditCheckpoint(every: .seconds(3_600))
                return false
            },
            Worker.Duty("signals", every: .seconds(60)) {
                try await forgetRoomSignals()
                return false
            },
            Worker.Duty("forget", every: .seconds(3_600)) {
                try await forgetOldAnswers()
                try await forgetOldSignIns()
                try await forgetOldMessages()
                try await forgetOldAlerts()
                return false
            },
        ]
    }
}
