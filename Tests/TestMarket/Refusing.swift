import Marketplace

/// The code of the refusal that `body` ends with; nil when nothing is refused, or something else
/// goes wrong, which is then printed.
package func refusal(_ body: () async throws -> Void) async -> RefusalCode? {
    do {
        try await body()
    } catch let refusal as Refusal {
        return refusal.code
    } catch {
        print("another error than a refusal: \(error)")
    }
    return nil
}
