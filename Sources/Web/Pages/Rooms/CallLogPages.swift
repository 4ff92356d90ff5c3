import Documents
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// A call log of the organisation's video service: a file first, then what it says of which visits,
/// then the button.
enum CallLogPages {
    private static let address = "/call-log"
    private static let mostBytes = 500_000

    static func show(_ visitor: Visitor) async throws -> PageReply {
        var more: [String: Any] = [:]
        if let done = visitor.request.query.text("done").flatMap({ Int64($0) }) {
            more["done"] = [
                "text": visitor.say("call_log_done", visitor.language.number("\(done)"))
            ]
        }
        return try show(visitor, more)
    }

    private static func show(
        _ visitor: Visitor, _ more: [String: Any], errors: FieldErrors = FieldErrors(),
        status: Int = 200
    ) throws -> PageReply {
        try visitor.require([.scheduler])
        let fields: [String: Any] = [
            "file": TypedField(
                id: "file", label: "call_log_file", kind: .file, value: "",
                hint: "call_log_file_hint"
            ).fields(visitor, errors)
        ]
        return try visitor.page(
            "call_log", title: visitor.say("call_log_title"), fields.merging(more) { $1 },
            status: status, errors: errors)
    }

    /// Without having been seen it is shown; then it is imported.
    static func load(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        let form = visitor.request.form
        var errors = FieldErrors()
        let bytes = visitor.request.file("file") ?? form.text("table").map { Array($0.utf8) }
        if bytes == nil { errors.add("file", "error_roster_file") }
        if let bytes, bytes.count > mostBytes { errors.add("file", "error_roster_size") }
        guard let bytes, errors.isEmpty else {
            return try show(visitor, [:], errors: errors, status: 422)
        }
        do {
            guard form.text("seen") == "yes" else {
                let plan = try await visitor.market.previewCallLog(
                    visitor.asking("previewCallLog"), bytes
                ).body
                return try show(visitor, ["preview": try preview(plan, bytes, visitor)])
            }
            let done = try await visitor.market.importCallLog(
                visitor.asking("importCallLog"), bytes
            ).body
            return .see("\(address)?done=\(done["new_stays"]?.integer ?? 0)")
        } catch let refused as CallLogFile.Refused {
            errors.add("file", "error_roster")
            let rows = refused.problems.prefix(100).map {
                [
                    "line": "\($0.line)", "column": "\($0.column)",
                    "text": visitor.say("call_log_\($0.mistake.rawValue)"),
                ]
            }
            return try show(visitor, ["mistakes": ["rows": rows]], errors: errors, status: 422)
        }
    }

    private static func preview(
        _ plan: JSON, _ bytes: [UInt8], _ visitor: Visitor
    ) throws -> [String: Any] {
        let zone = try visitor.signedIn.zone
        let visits = try (plan["visits"]?.elements ?? []).map { visit -> [String: Any] in
            let starts = try Instant(rfc3339: visit["starts"]?.text ?? "")
            return [
                "address": "/visits/\(visit["booking"]?.text ?? "")",
                "moment": visitor.language.moment(starts, in: zone),
                "new": visitor.language.number("\(visit["new_stays"]?.integer ?? 0)"),
                "log": visitor.language.length(seconds: visit["log_seconds"]?.integer ?? 0),
                "measured": visitor.language.length(
                    seconds: visit["measured_seconds"]?.integer ?? 0),
            ]
        }
        var fields: [String: Any] = [
            "visits": visits, "table": String(decoding: bytes, as: UTF8.self),
            "new": visitor.language.number("\(plan["new_stays"]?.integer ?? 0)"),
        ]
        if (plan["new_stays"]?.integer ?? 0) > 0 { fields["may_import"] = true }
        return fields
    }
}

extension VisitView {
    /// What call logs say of the visit, beside what was measured.
    func callLogs() throws -> [[String: Any]] {
        try (visit["call_logs"]?.elements ?? []).map { log in
            let seconds = log["seconds"]?.integer ?? 0
            let same = seconds == measured
            return [
                "who": visitor.say("call_log_by", visitor.say("sender_\(log["by"]?.text ?? "")")),
                "said": visitor.say(
                    same ? "call_log_confirms" : "call_log_differs",
                    visitor.language.length(seconds: seconds)),
                "sides": try ["seller", "buyer"].map { side -> [String: Any] in
                    [
                        "whose": visitor.say("sender_\(side)"),
                        "spans": try spans(log["attendance"]?[side]),
                    ]
                },
            ]
        }
    }
}
