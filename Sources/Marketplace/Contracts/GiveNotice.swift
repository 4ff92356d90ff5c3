import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// When the contract would end if the caller gave notice now, and how many booked visits start
    /// later.
    package func noticeEffect(_ request: Request, _ id: ContractID) async throws -> Answer {
        try await view(request) { transaction, caller in
            let sheet = try await sheet(of: id, by: StoredContract.find(id), in: transaction)
            try sheet.requireNotice(by: caller)
            let (days, endsAt) = try sheet.notice(givenAt: caller.now)
            let left = try await transaction.query(StoredContract.booked(id, from: endsAt)).only()
            return Answer([
                "contract": JSON(id.description),
                "notice_days": JSON(days),
                "ends_at": JSON(endsAt.rfc3339),
                "visits_after": JSON(try left["visits", Int64.self]),
                "as_of": JSON(caller.now.rfc3339),
            ])
        }
    }

    /// Ends the contract after the notice that it agreed on. No visit that starts at that instant
    /// or later can be booked; what is booked runs, bills and settles. `endsAt` is what the caller
    /// was shown: another end by now is a refusal that shows it.
    package func giveNotice(
        _ request: Request, _ id: ContractID, endsAt: Instant, reason: String
    ) async throws -> Answer {
        try await changeLife(request, id, .giveNotice, "contract.notice_given", reason: reason) {
            sheet, caller, transaction in
            let now = try await transaction.now()
            let expected = try sheet.notice(givenAt: now).endsAt
            guard expected == endsAt else {
                throw Refusal(.noticeEndDiffers, figures: ["at": JSON(expected.rfc3339)])
            }
            return sheet.contract.give(
                .init(by: caller.organisation, at: now, endsAt: endsAt, reason: reason))
        }
    }

    /// The time of a notice has come. Whoever looks sees the same before that: nothing can be
    /// booked from then on.
    func endContract(
        _ id: ContractID, for organisation: OrganisationID, in transaction: Transaction
    ) async throws {
        let sheet = try await sheet(of: id, by: StoredContract.lock(id), in: transaction)
        let now = try await transaction.now()
        guard sheet.contract.state != .ended, let notice = sheet.contract.notice,
            notice.endsAt <= now
        else { return }
        try await transaction.query(StoredContract.end(id, at: now))
        let ended = try await self.sheet(of: id, by: StoredContract.find(id), in: transaction)
        try await transaction.record(
            .init(
                .contract, id, "contract.ended", revision: ended.contract.revision,
                counterparty: ended.contract.other(than: organisation)),
            for: organisation)
    }
}

extension ContractSheet {
    fileprivate func requireNotice(by caller: Caller) throws {
        do throws(ContractLife.Refusal) {
            _ = try ContractLife.receive(
                .giveNotice, by: contract.side(of: caller.organisation), in: contract.standing)
        } catch {
            throw Refusal(life: error)
        }
    }

    /// By the version that rules when the notice is given; before the first one rules, by that.
    fileprivate func notice(givenAt now: Instant) throws -> (days: Int64, endsAt: Instant) {
        let signed = versions.filter { $0.signedAt != nil }
            .sorted { ($0.effective.start, $0.number) < ($1.effective.start, $1.number) }
        guard
            let terms = (signed.last { $0.effective.start <= now } ?? signed.first)?.document.terms
        else { throw Refusal(.contractNotActive) }
        guard let days = terms.terminationNoticeDays else {
            // signed by both already, and not yet what rules
            let later = signed.first {
                $0.effective.start > now && $0.document.terms.terminationNoticeDays != nil
            }
            throw Refusal(
                .noticeNotAgreed,
                figures: later.map { ["at": JSON($0.effective.start.rfc3339)] } ?? [:])
        }
        return (days, try NoticePeriod.end(givenAt: now, days: days, in: terms.clock))
    }
}
