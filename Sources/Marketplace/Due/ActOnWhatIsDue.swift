import Logging
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import Visits

// The one worker for what is due without anyone asking. Any number of servers may run it; each
// deadline is taken by one, and acted on in the transaction in which it is taken.

extension Market {
    /// Acts on at most so many deadlines, the longest overdue first; returns how many there were.
    /// Correctness does not wait for it: what has run out is run out for whoever looks.
    package func actOnWhatIsDue(most: Int) async throws -> Int {
        var done = 0
        while done < most, try await actOnNextDeadline() { done += 1 }
        return done
    }

    private func actOnNextDeadline() async throws -> Bool {
        var taken: Deadline?
        do {
            return try await asRefusals {
                try await database.transaction { transaction in
                    guard let row = try await transaction.query(Deadline.take).atMostOne() else {
                        return false
                    }
                    let deadline = try Deadline(row: row)
                    taken = deadline
                    try await act(on: deadline, in: transaction)
                    try await transaction.query(deadline.drop)
                    return true
                }
            }
        } catch  where !(error is Unavailable || error is CancellationError) {
            guard let deadline = taken else { throw error }
            if case .bill(let step) = deadline.duty {
                try await end(step, refusedBy: error, for: deadline)
                return true
            }
            logger.error(
                "a deadline failed and waits",
                metadata: ["deadline": "\(deadline.id)", "error": "\(error)"])
            _ = try await asRefusals { try await database.write([deadline.postpone]) }
            return true
        }
    }

    private func act(on deadline: Deadline, in transaction: Transaction) async throws {
        try await transaction.query(deadline.enter)
        switch deadline.duty {
        case .expireHold(let booking):
            try await transaction.query(Deadline.expireHold(booking))
        case .endContract(let contract):
            try await endContract(contract, for: deadline.organisation, in: transaction)
        case .endAnswers(let need):
            try await endAnswers(to: need, for: deadline.organisation, in: transaction)
        case .offerFreeTime(let specialist):
            try await transaction.query(Deadline.offerFreeTime(of: specialist))
        case .lookAfter(let entry):
            try await transaction.query(Deadline.lookAfter(entry))
        case .endWaiting(let entry):
            try await endWaiting(of: entry, for: deadline.organisation, in: transaction)
        case .closeBlock(let block):
            try await closeBlock(block, for: deadline.organisation, in: transaction)
        case .settleBlock(let block):
            try await settleBlock(block, for: deadline.organisation, in: transaction)
        case .endDemand(let demand):
            try await transaction.query(StoredDemand.expire(demand))
        case .acceptBySilence(let statement):
            try await acceptBySilence(statement, in: transaction)
        case .escalateDispute(let dispute):
            try await escalateDispute(dispute, for: deadline.organisation, in: transaction)
        case .deliver(let delivery):
            try await deliver(delivery, in: transaction)
        case .bill(let step):
            try await bill(step, for: deadline.organisation, in: transaction)
        case .settleNetting(let round):
            try await settleNetting(round, in: transaction)
        case .tell(let kind, let subject):
            try await transaction.query(Deadline.tell(kind, subject))
            try await remindPatient(kind, of: subject, in: transaction)
        case .answerHandshake(let booking):
            let meeting = try await lockMeeting(booking, in: transaction)
            let now = try await transaction.now()
            guard meeting.booking.state == .booked, let due = meeting.handshake.due(at: now)
            else { return }
            _ = try await hear(
                due, at: now, of: meeting, for: deadline.organisation, in: transaction)
        }
    }

    /// What was said in rooms is kept for two minutes.
    package func forgetRoomSignals() async throws {
        try await asRefusals {
            _ = try await database.write(["select forget_room_signals()"])
        }
    }

    /// Answers to repeated requests are kept for a day.
    package func forgetOldAnswers() async throws {
        try await asRefusals {
            _ = try await database.write(["select forget_answers(interval '24 hours')"])
        }
    }
}
