import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// No new hold or booking from now on, until the same side resumes it. Booked visits run, bill
    /// and settle.
    package func suspendContract(
        _ request: Request, _ id: ContractID, reason: String
    ) async throws -> Answer {
        try await changeLife(request, id, .suspend, "contract.suspended", reason: reason) {
            _, caller, transaction in
            [
                StoredContract.suspend(
                    id, by: caller.organisation, at: try await transaction.now(), reason: reason)
            ]
        }
    }

    /// The side that suspended it lets it be booked again.
    package func resumeContract(_ request: Request, _ id: ContractID) async throws -> Answer {
        try await changeLife(request, id, .resume, "contract.resumed") { _, _, _ in
            [StoredContract.resume(id)]
        }
    }

    /// Locks the contract, asks the rule, runs the queries, tells both sides, and returns the
    /// contract as it is now.
    func changeLife(
        _ request: Request, _ id: ContractID, _ message: ContractLife.Message, _ kind: String,
        reason: String? = nil,
        _ queries: (ContractSheet, Caller, Transaction) async throws -> [Query]
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let before = try await sheet(of: id, by: StoredContract.lock(id), in: transaction)
            let contract = before.contract
            do throws(ContractLife.Refusal) {
                _ = try ContractLife.receive(
                    message, by: contract.side(of: caller.organisation), in: contract.standing)
            } catch {
                throw Refusal(life: error)
            }
            for query in try await queries(before, caller, transaction) {
                try await transaction.query(query)
            }
            let after = try await sheet(of: id, by: StoredContract.find(id), in: transaction)
            let facts: JSON = reason.map { ["reason": JSON($0)] } ?? .object([:])
            try await tell(kind, after.contract, by: caller, facts: facts, in: transaction)
            return after.answer
        }
    }
}

extension Refusal {
    package init(life refusal: ContractLife.Refusal) {
        switch refusal {
        case .contractEnded: self.init(RefusalCode.contractEnded)
        case .contractNotActive: self.init(RefusalCode.contractNotActive)
        case .contractSuspended: self.init(RefusalCode.contractSuspended)
        case .contractNotSuspended: self.init(RefusalCode.contractNotSuspended)
        case .notYourSide: self.init(RefusalCode.notYourSide)
        case .noticeGiven: self.init(RefusalCode.noticeGiven)
        }
    }
}
