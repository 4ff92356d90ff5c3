import MoneyAndTime
import Organisations
import StrictJSON

/// Who somebody is for the organisation: as it stands, or as it was typed.
struct MemberForm {
    let name: String
    let email: String
    let roles: Set<String>
    let isActive: Bool
    /// The identifier of the specialist that this member is; nil for none.
    let specialist: String?

    init(_ member: JSON) {
        name = member["name"]?.text ?? ""
        email = member["email"]?.text ?? ""
        roles = Set((member["roles"]?.elements ?? []).compactMap(\.text))
        isActive = member["active"]?.flag == true
        specialist = member["specialist"]?.text
    }

    init(_ form: FormFields) {
        name = form.text("name") ?? ""
        email = form.text("email") ?? ""
        roles = Set(form.all("roles"))
        isActive = form.text("active") == "yes"
        specialist = form.text("specialist")
    }

    /// What is right of it; or nil, and what is wrong.
    func details(
        _ errors: inout FieldErrors
    ) -> (name: String, email: EmailAddress, roles: Set<Role>)? {
        let name = errors.words(
            "name", self.name.isEmpty ? nil : self.name, max: 120, tooLong: "error_member_name",
            missing: "error_member_name")
        let email = errors.read("email", "error_email") { try EmailAddress(self.email) }
        let roles = Set(self.roles.compactMap(Role.init(rawValue:)))
        if roles.isEmpty { errors.add("roles", "error_member_roles") }
        guard errors.isEmpty, let name, let email else { return nil }
        return (name, email, roles)
    }

    func fields(
        _ visitor: Visitor, _ specialists: [OwnSpecialist], _ errors: FieldErrors
    ) -> [String: Any] {
        func error(_ id: String) -> String? { errors.message(of: id).map { visitor.say($0) } }
        return [
            "typed": [
                TypedField(id: "name", label: "account_name", kind: .text, value: name)
                    .fields(visitor, errors),
                TypedField(id: "email", label: "sign_in_email", kind: .email, value: email)
                    .fields(visitor, errors),
            ],
            "roles": CheckBoxes.fields(
                "roles", visitor.say("account_roles"),
                Role.allCases.map { role in
                    let name = visitor.say("role_\(role.rawValue)")
                    let does = visitor.say("role_\(role.rawValue)_does")
                    return Choice(role.rawValue, "\(name): \(does)")
                }, chosen: roles, error: error("roles")),
            "active": CheckBoxes.fields(
                "active", visitor.say("state"),
                [Choice("yes", visitor.say("member_active"))], chosen: isActive ? ["yes"] : []),
            "specialist": Choice.field(
                "specialist", visitor.say("member_is_specialist"),
                [Choice("", visitor.say("member_is_none"))] + specialists.choices,
                selected: specialist ?? "", error: error("specialist")),
        ]
    }
}
