import Marketplace
import MoneyAndTime
import Organisations
import Storage

/// Waiting for a place in a session that is full.
enum SessionWaiting {
    /// Nil for whom it is not offered.
    static func form(
        _ row: GroupSessionRow, _ visitor: Visitor, _ sold: [SoldInContract],
        _ errors: FieldErrors
    ) -> [String: Any]? {
        let typed = visitor.request.form
        let chosen = typed.text("contract")
        guard
            let offer = row.offers.first(where: { $0.contract == chosen }) ?? row.offers.first
        else { return nil }
        return [
            "contract": GroupSessionPages.contracts(row, visitor, sold),
            "hand_over": HandOverForm.fields(
                visitor, typed, sold.first(contract: offer.contract, service: row.service),
                errors),
        ]
    }

    static func wait(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try GroupSessionPages.id(parameter)
        try visitor.require([.scheduler])
        let form = visitor.request.form
        guard let contract = form.text("contract").flatMap({ try? ContractID(typeID: $0) }) else {
            throw InvalidLink()
        }
        var errors = FieldErrors()
        let handOver = HandOverForm(form, &errors)
        guard errors.isEmpty else {
            return try await GroupSessionPages.show(visitor, id, errors, 422)
        }
        do {
            _ = try await visitor.market.waitForPlace(
                visitor.asking("waitForPlace"), in: id, under: contract, handOver.handOver)
            return .see("/sessions/\(id)?done=waiting")
        } catch let refusal as Refusal where refusal.code == .handOverMissing {
            for name in HandOverForm.missing(refusal) { errors.add(name, "error_hand_over") }
            return try await GroupSessionPages.show(visitor, id, errors, 422)
        } catch let refusal as Refusal
            where ![.notFound, .roleNotAllowed].contains(refusal.code)
        {
            errors.add(nil, visitor.reason(refusal))
            return try await GroupSessionPages.show(visitor, id, errors, 409)
        }
    }
}
