import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Cancelling a booking: what it costs first, with how that is reached, and then the button.
enum CancellationPages {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await show(visitor, BookingPages.id(parameter), errors: FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ id: BookingID, errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let cost = try await visitor.market.cancellationCost(
            visitor.asking("getCancellationCost"), id
        ).body
        let booking = try await visitor.market.booking(visitor.asking("getBooking"), id).body
        let row = try BookingRow(booking, visitor, sold: try await SoldInContract.all(visitor))
        let fee = try Money(decimal: cost["fee"]?.text ?? "")
        let freeUntil = try Instant(rfc3339: cost["free_until"]?.text ?? "")
        var fields = row.fields
        fields["fee"] = visitor.language.money(fee)
        fields["expected_fee"] = fee.decimal
        fields["is_free"] = fee == .zero
        fields["free_until"] = visitor.language.moment(freeUntil, in: login.zone)
        if cost["side"]?.text == "buyer" { fields["is_buyer"] = true }
        fields["steps"] = visitor.explanation(of: cost["trace"])
        if login.roles.contains(.scheduler) { fields["may_cancel"] = true }
        fields["reason"] = TypedField(
            id: "reason", label: "cancel_reason", kind: .text,
            value: visitor.request.form.text("reason") ?? "", hint: "cancel_reason_hint"
        ).fields(visitor, errors)
        return try visitor.page(
            "cancel", title: visitor.say("cancel_title"), fields, status: status, errors: errors)
    }

    static func cancel(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BookingPages.id(parameter)
        guard
            let fee = visitor.request.form.text("expected_fee").flatMap({ try? Money(decimal: $0) })
        else { throw InvalidLink() }
        var errors = FieldErrors()
        let reason = errors.words(
            "reason", visitor.request.form.text("reason"), max: 500,
            tooLong: "error_reason_length")
        guard errors.isEmpty else {
            return try await show(visitor, id, errors: errors, status: 422)
        }
        do {
            _ = try await visitor.market.cancelBooking(
                visitor.asking("cancelBooking"), id, expectedFee: fee, reason: reason)
            return .see("/bookings/\(id)?done=cancelled")
        } catch let refusal as Refusal where refusal.code == .cancellationCostDiffers {
            errors.add(nil, "refusal_cancellation_cost_differs")
            return try await show(visitor, id, errors: errors, status: 409)
        }
    }
}
