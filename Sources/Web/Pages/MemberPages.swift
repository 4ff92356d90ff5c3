import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Who acts for the organisation, and which of its specialists each of them is.
enum MemberPages {
    static func list(_ visitor: Visitor) async throws -> PageReply {
        let members = try await visitor.every {
            try await visitor.market.listMembers(visitor.asking("listMembers"), page: $0)
        }
        let labels = Dictionary(
            try await OwnSpecialist.all(visitor).map { ($0.id.description, $0.label) }
        ) { first, _ in first }
        let part = try ListPart(of: members.count, visitor)
        var fields: [String: Any] = [
            "members": members[part.range].map { member -> [String: Any] in
                var row = describe(member, visitor)
                row["address"] = address(member)
                row["specialist"] = member["specialist"]?.text.flatMap { labels[$0] } ?? "–"
                return row
            }
        ]
        fields["part"] = part.links(visitor, address: "/settings/members?")
        if visitor.request.query.text("done") == "saved" {
            fields["done"] = ["text": visitor.say("members_done_saved")]
        }
        return try visitor.page("members", title: visitor.say("members_title"), fields)
    }

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let member = try await visitor.market.member(
            visitor.asking("getMember"), id(parameter)
        ).body
        return try await show(visitor, member, MemberForm(member), member["revision"]?.integer)
    }

    /// The form, for who may save it; for others what it says.
    private static func show(
        _ visitor: Visitor, _ member: JSON, _ form: MemberForm, _ revision: Int64?,
        errors: FieldErrors = FieldErrors()
    ) async throws -> PageReply {
        let specialists = try await OwnSpecialist.all(visitor)
        var fields: [String: Any] = [:]
        if try visitor.signedIn.roles.contains(.admin) {
            var written = form.fields(visitor, specialists, errors)
            written["address"] = address(member)
            written["revision"] = "\(revision ?? 0)"
            fields["member_form"] = written
        } else {
            var facts = describe(member, visitor)
            let own = specialists.first { $0.id.description == member["specialist"]?.text }
            if let own { facts["own"] = ["label": own.label] }
            fields["facts"] = facts
        }
        return try visitor.page(
            "member", title: member["name"]?.text ?? "", fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    /// All of a member at once, from the revision that was read.
    static func save(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        let form = visitor.request.form
        guard let revision = form.text("revision").flatMap({ Int64($0) }) else {
            throw InvalidLink()
        }
        try visitor.require([.admin])
        let member = try await visitor.market.member(visitor.asking("getMember"), id).body
        let typed = MemberForm(form)
        var errors = FieldErrors()
        if let details = typed.details(&errors) {
            do {
                let own = try await OwnSpecialist.all(visitor)
                let specialist = try typed.specialist.flatMap { try own.chosen(by: $0)?.id }
                _ = try await visitor.market.updateMember(
                    visitor.asking("updateMember"), id, revision: revision, name: details.name,
                    email: details.email, roles: details.roles, isActive: typed.isActive,
                    specialist: specialist)
                return .see("/settings/members?done=saved")
            } catch let refusal as Refusal where refusal.code == .revisionDiffers {
                errors.add(nil, "refusal_revision_differs")
            } catch let refusal as Refusal where refusal.code == .lastAdministrator {
                errors.add("roles", "refusal_last_administrator")
            } catch let refusal as Refusal where refusal.code == .nameTaken {
                errors.add("email", "error_member_email_taken")
            } catch is InvalidInput {
                errors.add("name", "error_member_name")
            }
        }
        return try await show(visitor, member, typed, revision, errors: errors)
    }

    private static func id(_ parameter: String) throws -> MemberID {
        guard let id = try? MemberID(typeID: parameter) else { throw InvalidLink() }
        return id
    }

    private static func address(_ member: JSON) -> String {
        "/settings/members/\(member["id"]?.text ?? "")"
    }

    private static func describe(_ member: JSON, _ visitor: Visitor) -> [String: Any] {
        let roles = (member["roles"]?.elements ?? []).compactMap(\.text)
        var fields: [String: Any] = [
            "name": member["name"]?.text ?? "", "email": member["email"]?.text ?? "",
            "roles": Role.allCases.filter { roles.contains($0.rawValue) }
                .map { visitor.say("role_\($0.rawValue)") }.joined(separator: ", "),
        ]
        if member["active"]?.flag != true { fields["is_away"] = true }
        return fields
    }
}
