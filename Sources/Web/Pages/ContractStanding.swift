import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// How a contract stands, and what its reader may do about it: sign, offer, withdraw, decline,
/// suspend, resume, give notice. The use cases decide; what they would refuse is not shown.
struct ContractStanding {
    private let sheet: JSON
    private let version: JSON
    private let visitor: Visitor
    private let login: Login
    private let zone: WallClock
    private let own: Side
    private let state: String
    private let versionState: VersionLife.State?
    private let timeline: ContractTimeline
    /// What a notice given now would do; nil where the market refuses one.
    private let noticeEffect: JSON?

    init(
        _ sheet: JSON, _ version: JSON, _ visitor: Visitor, notice: JSON? = nil
    ) throws {
        timeline = try ContractTimeline(sheet)
        noticeEffect = notice
        self.sheet = sheet
        self.version = version
        self.visitor = visitor
        login = try visitor.signedIn
        zone = try WallClock(zone: version["document"]?["time_zone"]?.text ?? "")
        own = sheet["seller"]?.text == login.organisation.description ? .seller : .buyer
        state = sheet["state"]?.text ?? ""
        versionState = version["state"]?.text.flatMap(VersionLife.State.init(rawValue:))
    }

    private var address: String { "/contracts/\(sheet["id"]?.text ?? "")" }
    private var number: String { "\(version["number"]?.integer ?? 0)" }
    private var decides: Bool { login.roles.contains(.admin) && state != "ended" }
    private var signs: Bool { login.roles.contains(.signatory) && state != "ended" }
    private var isWriter: Bool { version["drafted_by"]?.text == login.organisation.description }
    private var isDraft: Bool { versionState == .draft }

    private var compares: Bool {
        !login.roles.isDisjoint(with: [.finance, .admin, .signatory, .auditor])
    }

    private var isOpen: Bool { versionState?.isOpen == true }
    private var hasSigned: Bool { versionState?.signers.contains(own) == true }

    /// What declining the version would be refused with; nil where it can be declined.
    var refusalToDecline: Refusal? {
        if state == "ended" { return Refusal(.contractEnded) }
        guard let versionState,
            let digest = version["digest"]?.text.flatMap(ContractDigest.init(hex:))
        else { return Refusal(.notFound) }
        do throws(VersionLife.Refusal) {
            _ = try VersionLife.receive(
                .decline, by: own, writtenBy: isWriter ? own : own.other, in: versionState,
                digest: digest)
            return nil
        } catch {
            return Refusal(version: error)
        }
    }

    var maySign: Bool { signs && (isOpen || isDraft) && !hasSigned }

    var fields: [String: Any] {
        get throws {
            var fields: [String: Any] = [
                "version_text": visitor.say(
                    "life_version_text", number,
                    visitor.say("version_\(versionState?.rawValue ?? "")")),
                "contract_state": visitor.contractState(
                    sheet, from: timeline.signed.first?.span.start, offer: timeline.lastOffer),
            ]
            if let text = try otherInForce { fields["reading"] = ["text": text] }
            let beside = try beside
            if !beside.isEmpty { fields["beside"] = ["rows": beside] }
            if let text = try suspension { fields["suspension"] = ["text": text] }
            if let text = try notice {
                fields["noticed"] = ["text": text]
                fields["ends"] = [
                    "text": try visitor.lastDay(before: sheet["notice"]?["ends_at"], in: zone)
                ]
            }
            if isDraft { fields["own_draft"] = true }
            if let reason = version["closed_reason"]?.text {
                fields["declined"] = ["text": "\(visitor.say("version_declined")): \(reason)"]
            }
            if let links { fields["links"] = links }
            if decides, isDraft { fields["may_offer"] = ["number": number] }
            if decides, isWriter, isDraft || isOpen { fields["may_withdraw"] = ["number": number] }
            if decides || signs, refusalToDecline == nil {
                fields["may_decline"] = ["address": "\(address)/decline?number=\(number)"]
            }
            if let rows = try versions { fields["versions"] = ["rows": rows] }
            if decides, state == "suspended", sheet["suspension"]?["side"]?.text == own.rawValue {
                fields["may_resume"] = true
            }
            if let steps { fields["steps_of_life"] = steps }
            return fields
        }
    }

    // MARK: The versions beside this one

    /// Where another version is in force than the one that is read.
    private var otherInForce: String? {
        get throws {
            guard let ruling = timeline.inForce(login.now)?.number, "\(ruling)" != number else {
                return nil
            }
            return visitor.say("life_reading_other", number, "\(ruling)")
        }
    }

    /// What is offered, drafted or to come, and is not what is read.
    private var beside: [[String: Any]] {
        get throws {
            let open = timeline.open.map { version -> (number: String, text: String) in
                let other = "\(version["number"]?.integer ?? 0)"
                let key = "life_beside_\(version["state"]?.text ?? "")"
                return (other, visitor.say(key, other))
            }
            let toCome = timeline.toCome(login.now).map { version in
                (
                    number: "\(version.number)",
                    text: visitor.say(
                        "life_beside_signed", "\(version.number)",
                        visitor.language.date(zone.date(of: version.span.start)))
                )
            }
            return (open + toCome).filter { $0.number != number }.map { other -> [String: Any] in
                var row: [String: Any] = [
                    "text": other.text, "target": "\(address)?version=\(other.number)",
                    "link": visitor.say("life_beside_link", other.number),
                ]
                if compares {
                    row["compared"] = ["target": "\(address)/versions/\(other.number)/changes"]
                }
                return row
            }
        }
    }

    // MARK: What was done to it

    private var suspension: String? {
        get throws {
            guard state == "suspended", let side = sheet["suspension"]?["side"]?.text else {
                return nil
            }
            return visitor.say(
                "life_suspended_\(side)", try moment(sheet["suspension"]?["at"]),
                sheet["suspension"]?["reason"]?.text ?? "")
        }
    }

    private var notice: String? {
        get throws {
            guard let notice = sheet["notice"], let side = notice["side"]?.text else { return nil }
            return visitor.say(
                "life_noticed_\(side)", try moment(notice["at"]),
                try visitor.lastDay(before: notice["ends_at"], in: zone),
                notice["reason"]?.text ?? "")
        }
    }

    private var links: [String: Any]? {
        var links: [String: Any] = [:]
        let number = version["number"]?.integer ?? 0
        let hasEarlier = (sheet["versions"]?.elements ?? []).contains {
            ($0["number"]?.integer ?? number) < number
        }
        if hasEarlier, compares {
            links["changes"] = ["address": "\(address)/versions/\(number)/changes"]
        }
        if decides { links["propose"] = ["address": "\(address)/versions/new"] }
        return links.isEmpty ? nil : links
    }

    private var steps: [String: Any]? {
        guard decides, ["active", "suspended"].contains(state) else { return nil }
        var steps: [String: Any] = [:]
        if state == "active" { steps["suspend"] = ["address": "\(address)/suspend"] }
        if sheet["notice"]?["side"] == nil, noticeEffect != nil {
            steps["give_notice"] = ["address": "\(address)/notice"]
        }
        return steps.isEmpty ? nil : steps
    }

    /// Where there is more than one, the newest first.
    private var versions: [[String: Any]]? {
        get throws {
            let versions = sheet["versions"]?.elements ?? []
            guard versions.count > 1 else { return nil }
            return try versions.reversed().map { version in
                let number = "\(version["number"]?.integer ?? 0)"
                let from = try Instant(rfc3339: version["effective_from"]?.text ?? "")
                var row: [String: Any] = [
                    "number": number, "address": "\(address)?version=\(number)",
                    "validity": visitor.say(
                        "contract_validity_text", visitor.language.date(zone.date(of: from)),
                        try visitor.lastDay(before: version["effective_until"], in: zone)),
                    "state": visitor.say("version_\(version["state"]?.text ?? "")"),
                ]
                if let reason = version["closed_reason"]?.text { row["note"] = ["text": reason] }
                return row
            }
        }
    }

    private func moment(_ instant: JSON?) throws -> String {
        visitor.language.moment(try Instant(rfc3339: instant?.text ?? ""), in: zone)
    }
}

extension Visitor {
    /// The last day before an instant at which something ends.
    func lastDay(before end: JSON?, in zone: WallClock) throws -> String {
        let last = try Instant(rfc3339: end?.text ?? "").adding(seconds: -1)
        return language.date(zone.date(of: last))
    }
}
