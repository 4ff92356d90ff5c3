import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// What a visit, or a period of a commitment, would cost under a version of a contract, for its
    /// two parties. The question is written as a worked example's subject, and answered with the
    /// lines of a recomputed one. Nothing is stored.
    package func priceVisit(
        _ request: Request, _ id: ContractID, number: Int64, _ question: JSON
    ) async throws -> Answer {
        try await view(request) { transaction, _ in
            let sheet = try await sheet(of: id, by: StoredContract.find(id), in: transaction)
            guard let version = sheet.version(number) else { throw Refusal(.notFound) }
            return try Self.priced(question, under: version.document.terms)
        }
    }

    /// The same under a document that is nobody's draft yet, and may lack what prices do not
    /// depend on.
    package func priceVisit(
        _ request: Request, underDocument json: JSON, _ question: JSON
    ) async throws -> Answer {
        _ = try await read(request, "select 1")
        let terms: Terms
        do throws(ContractProblem) {
            terms = try ContractDocument(json).terms
        } catch {
            let problems = Self.problems(of: json, first: error)
            guard let unfinished = UnfinishedTerms.read(json, with: problems) else {
                throw error.asInput
            }
            terms = unfinished
        }
        return try Self.priced(question, under: terms)
    }

    private static func priced(_ question: JSON, under terms: Terms) throws -> Answer {
        let subject: WorkedExample.Subject
        do throws(ContractProblem) {
            subject = try WorkedExample.Subject(reading: question, under: terms)
        } catch {
            throw error.asInput
        }
        let rated = try subject.rated(under: terms)
        let lines = rated.lines.map(WorkedExample.Line.init)
        var members = RecomputedExample.json(lines, total: rated.total).members ?? [:]
        members["trace"] = rated.trace.json
        return Answer(.object(members))
    }
}
