import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// What is done to a contract with one button: a version is offered or withdrawn, and bookings are
/// allowed again.
enum ContractLifePages {
    static func offer(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let (id, number) = (try ContractPages.id(parameter), try number(visitor))
        _ = try await visitor.market.offerContractVersion(
            visitor.asking("offerContractVersion"), id, number: number)
        return .see("/contracts/\(id)?version=\(number)&done=offered")
    }

    static func withdraw(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try ContractPages.id(parameter)
        _ = try await visitor.market.withdrawContractVersion(
            visitor.asking("withdrawContractVersion"), id, number: number(visitor))
        return .see("/contracts/\(id)?done=withdrawn")
    }

    static func resume(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try ContractPages.id(parameter)
        _ = try await visitor.market.resumeContract(visitor.asking("resumeContract"), id)
        return .see("/contracts/\(id)?done=resumed")
    }

    /// Of the version that a form is about.
    private static func number(_ visitor: Visitor) throws(InvalidLink) -> Int64 {
        guard let number = visitor.request.form.text("number").flatMap({ Int64($0) }) else {
            throw InvalidLink()
        }
        return number
    }
}

/// A page that asks for the reason of a step that the other side reads of, with what the step does
/// said before.
struct ReasonPage {
    let id: ContractID
    /// Of the step, in the texts and in the address.
    let step: String
    let title: String
    /// What is known of what it will do: a name and a text.
    var facts: [(name: String, text: String)] = []
    /// What the form sends besides the reason.
    var hidden: (name: String, value: String)?

    func show(_ visitor: Visitor, _ errors: FieldErrors, status: Int = 200) throws -> PageReply {
        var fields: [String: Any] = [
            "address": "/contracts/\(id)/\(step)",
            "contract_address": "/contracts/\(id)",
            "text": visitor.say("life_\(step)_text"),
            "button": visitor.say("life_\(step)_button"),
            "reason": TypedField(
                id: "reason", label: "life_reason", kind: .text,
                value: visitor.request.form.text("reason") ?? "", hint: "life_reason_hint"
            ).fields(visitor, errors),
        ]
        if !facts.isEmpty {
            fields["facts"] = ["rows": facts.map { ["name": $0.name, "text": $0.text] }]
        }
        if let hidden { fields["hidden"] = ["name": hidden.name, "value": hidden.value] }
        return try visitor.page(
            "contract_step", title: title, fields, status: status, errors: errors)
    }

    /// What was typed, or an error and nil.
    static func reason(_ visitor: Visitor, _ errors: inout FieldErrors) -> String? {
        errors.words(
            "reason", visitor.request.form.text("reason"), max: 500,
            tooLong: "error_life_reason", missing: "error_life_reason")
    }
}

/// Turning down a version that the other side offered.
enum DecliningPage {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let number = visitor.request.query.text("number")
        return try await page(visitor, parameter, number).show(visitor, FieldErrors())
    }

    private static func page(
        _ visitor: Visitor, _ parameter: String, _ number: String?
    ) async throws -> ReasonPage {
        let id = try ContractPages.id(parameter)
        try visitor.require([.admin, .signatory])
        let (sheet, version) = try await ContractPages.newest(
            visitor, id, asked: number.flatMap { Int64($0) })
        if let refusal = try ContractStanding(sheet, version, visitor).refusalToDecline {
            throw refusal
        }
        let shown = "\(version["number"]?.integer ?? 0)"
        return ReasonPage(
            id: id, step: "decline", title: visitor.say("life_decline_title", shown),
            hidden: ("number", shown))
    }

    static func decline(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try ContractPages.id(parameter)
        var errors = FieldErrors()
        guard let text = visitor.request.form.text("number"), let number = Int64(text) else {
            throw InvalidLink()
        }
        guard let reason = ReasonPage.reason(visitor, &errors) else {
            return try await page(visitor, parameter, text).show(visitor, errors, status: 422)
        }
        _ = try await visitor.market.declineContractVersion(
            visitor.asking("declineContractVersion"), id, number: number, reason: reason)
        return .see("/contracts/\(id)?done=declined")
    }
}

/// Stopping new bookings for a time.
enum SuspensionPage {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await page(visitor, parameter).show(visitor, FieldErrors())
    }

    private static func page(
        _ visitor: Visitor, _ parameter: String
    ) async throws -> ReasonPage {
        let id = try ContractPages.id(parameter)
        try visitor.require([.admin])
        let sheet = try await visitor.market.contract(visitor.asking("getContract"), id).body
        guard let state = sheet["state"]?.text.flatMap(ContractLife.State.init(rawValue:)) else {
            throw Refusal(.notFound)
        }
        let own = try visitor.signedIn.organisation.description
        do throws(ContractLife.Refusal) {
            _ = try ContractLife.receive(
                .suspend, by: sheet["seller"]?.text == own ? .seller : .buyer,
                in: .init(state))
        } catch {
            throw Refusal(life: error)
        }
        return ReasonPage(
            id: id, step: "suspend", title: visitor.say("life_suspend_title"),
            facts: [(visitor.say("contract_name"), sheet["title"]?.text ?? "")])
    }

    static func suspend(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try ContractPages.id(parameter)
        var errors = FieldErrors()
        guard let reason = ReasonPage.reason(visitor, &errors) else {
            return try await page(visitor, parameter).show(visitor, errors, status: 422)
        }
        _ = try await visitor.market.suspendContract(
            visitor.asking("suspendContract"), id, reason: reason)
        return .see("/contracts/\(id)?done=suspended")
    }
}

/// Giving notice: when the contract would end, and what is booked after that, before the button.
enum NoticePage {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await page(visitor, parameter).show(visitor, FieldErrors())
    }

    private static func page(
        _ visitor: Visitor, _ parameter: String
    ) async throws -> ReasonPage {
        let id = try ContractPages.id(parameter)
        try visitor.require([.admin])
        let effect = try await visitor.market.noticeEffect(
            visitor.asking("getNoticeEffect"), id
        ).body
        let (_, version) = try await ContractPages.newest(visitor, id)
        let zone = try WallClock(zone: version["document"]?["time_zone"]?.text ?? "")
        let left = effect["visits_after"]?.integer ?? 0
        return ReasonPage(
            id: id, step: "notice", title: visitor.say("life_notice_title"),
            facts: [
                (
                    visitor.say("life_notice_days"),
                    visitor.say("life_notice_days_text", visitor.count(effect["notice_days"]))
                ),
                (
                    visitor.say("life_notice_last"),
                    try visitor.lastDay(before: effect["ends_at"], in: zone)
                ),
                (
                    visitor.say("life_notice_left"),
                    left == 0 ? visitor.say("life_notice_none") : visitor.language.number("\(left)")
                ),
            ],
            hidden: ("ends_at", effect["ends_at"]?.text ?? ""))
    }

    static func give(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try ContractPages.id(parameter)
        guard
            let endsAt = visitor.request.form.text("ends_at")
                .flatMap({ try? Instant(rfc3339: $0) })
        else { throw InvalidLink() }
        var errors = FieldErrors()
        guard let reason = ReasonPage.reason(visitor, &errors) else {
            return try await page(visitor, parameter).show(visitor, errors, status: 422)
        }
        do {
            _ = try await visitor.market.giveNotice(
                visitor.asking("giveNotice"), id, endsAt: endsAt, reason: reason)
            return .see("/contracts/\(id)?done=noticed")
        } catch let refusal as Refusal where refusal.code == .noticeEndDiffers {
            errors.add(nil, "refusal_notice_end_differs")
            return try await page(visitor, parameter).show(visitor, errors, status: 409)
        }
    }
}
