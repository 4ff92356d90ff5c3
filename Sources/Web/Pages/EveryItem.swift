import Marketplace
import MoneyAndTime
import StrictJSON

extension Visitor {
    /// Every item of a list, page after page.
    func every<Subject>(
        _ list: (Page<ID<Subject>>) async throws -> Answer
    ) async throws -> [JSON] {
        var items: [JSON] = []
        var after: ID<Subject>?
        repeat {
            let page = try await list(Page(after: after, limit: 200)).body
            items += page["items"]?.elements ?? []
            after = try page["next"]?.text.map { try ID(typeID: $0) }
        } while after != nil
        return items
    }
}
