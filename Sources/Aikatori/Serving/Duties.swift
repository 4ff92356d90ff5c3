import Marketplace

extension Market {
    /// What the worker does for a market, and how often it looks.
    var duties: [Worker.Duty] {
        [
            Worker.Duty("due", every: .milliseconds(250)) {
                try await actOnWhatIsDue(most: 100) > 0
            },
            Worker.Duty("mail", every: .seconds(1)) { try await sendNextMail() },
            Worker.Duty("busy", every: .seconds(2)) { try await readNextBusyCalendar() },
            Worker.Duty("seal", every: .milliseconds(250)) {
                try await sealAudit(most: 500) > 0
            },
            Worker.Duty("signals", every: .seconds(60)) {
                try await forgetRoomSignals()
                return false
            },
            Worker.Duty("forget", every: .seconds(3_600)) {
                try await forgetOldAnswers()
                try await forgetOldSignIns()
                return false
            },
        ]
    }
}
