import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// How far the organisation's audit chain goes, what of it is published, and the chain to take
/// home.
enum AuditPages {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.admin, .auditor])
        let standing = try await visitor.market.auditStanding(visitor.asking("exportAudit"))
        let language = visitor.language
        var fields: [String: Any] = [
            "sealed": visitor.say("audit_sealed", language.number("\(standing.sealed)"))
        ]
        if let head = standing.published {
            fields["published"] = [
                "text": visitor.say(
                    "audit_published", language.number("\(head.seal.number)"),
                    language.number("\(head.signed.checkpoint.number)"),
                    try visitor.moment(JSON(head.signed.checkpoint.madeAt.rfc3339))),
                "root": head.signed.checkpoint.root.hexadecimal,
                "key": head.signed.signature.keyID,
            ]
        }
        let most = Int64(AuditExport.mostFacts)
        let portions = stride(from: 0, to: standing.sealed, by: Int(most)).map { after in
            [
                "address": "/settings/audit/export?after=\(after)",
                "text": visitor.say(
                    "audit_portion", language.number("\(after + 1)"),
                    language.number("\(min(after + most, standing.sealed))")),
            ]
        }
        if !portions.isEmpty { fields["portions"] = ["links": portions] }
        return try visitor.page("audit", title: visitor.say("audit_title"), fields)
    }

    static func download(_ visitor: Visitor) async throws -> PageReply {
        let typed = visitor.request.query.text("after") ?? "0"
        guard let after = Int64(typed), after >= 0 else { throw InvalidLink() }
        return try await .file(
            visitor.market.exportAudit(
                visitor.asking("exportAudit"), after: after, limit: AuditExport.mostFacts))
    }
}
