import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// What waits for the visitor's roles, each as a line with a number that leads to where it is
/// done: where it is one thing only, to its own page. What waits for nobody is not there.
struct WaitingTasks {
    private let visitor: Visitor
    private var lines: [[String: Any]] = []

    private init(_ visitor: Visitor) {
        self.visitor = visitor
    }

    /// `rows`: the bookings that are to come.
    static func all(_ visitor: Visitor, _ rows: [BookingRow]) async throws -> [[String: Any]] {
        let login = try visitor.signedIn
        var tasks = WaitingTasks(visitor)
        if !login.roles.isDisjoint(with: [.scheduler, .specialist]) {
            try await tasks.addVisits(rows)
            tasks.add("proposals", Int(visitor.standing?.waiting ?? 0), at: "/proposals")
        }
        if login.roles.contains(.scheduler) { try tasks.addHolds(rows) }
        if login.roles.contains(.finance) {
            let statements = try await statements(visitor)
            tasks.add("accept", statements.toAccept, of: "/statements")
            tasks.add("invoice", statements.toInvoice, of: "/statements")
            try await tasks.addDisputes()
            try await tasks.addOpenAmounts()
            try await tasks.addCounted()
        }
        if !login.roles.isDisjoint(with: [.admin, .signatory]) { try await tasks.addVersions() }
        if !login.roles.isDisjoint(with: [.admin, .signatory, .scheduler]) {
            try await tasks.addStops()
        }
        if login.roles.contains(.admin) {
            try await tasks.addRequests()
            try await tasks.addNeeds()
            try await tasks.addProposedTime()
        }
        return tasks.lines
    }

    /// `when` stands last in the text.
    private mutating func add(
        _ key: String, _ count: Int, at address: String, when: String = ""
    ) {
        guard count > 0 else { return }
        let text =
            count == 1
            ? visitor.say("task_\(key)_one", when)
            : visitor.say("task_\(key)", visitor.language.number("\(count)"), when)
        lines.append(["address": address, "text": text])
    }

    /// Things that each have a page below that of their list.
    private mutating func add(_ key: String, _ ids: [String], of list: String) {
        add(key, ids.count, at: ids.count == 1 ? "\(list)/\(ids[0])" : list)
    }

    /// Time that somebody proposed, which waits for a manager.
    private mutating func addProposedTime() async throws {
        let visitor = visitor
        let waiting = try await visitor.every {
            try await visitor.market.listProposedAvailability(
                visitor.asking("listProposedAvailability"), state: .proposed, page: $0)
        }
        add("approvals", waiting.count, at: "/availability/proposals")
    }

    // MARK: Bookings and visits

    /// The visits of today that are not over, and the minutes that wait for this side's word.
    private mutating func addVisits(_ rows: [BookingRow]) async throws {
        let visitor = visitor
        let login = try visitor.signedIn
        let zone = login.zone
        var (over, waiting): (Set<String>, [String]) = ([], [])
        for booking in try await visitor.every({
            try await visitor.market.listBookings(
                visitor.asking("listBookings"), state: .booked, from: nil, until: login.now,
                page: $0)
        }) {
            guard login.isOwn(booking) else { continue }
            let id = booking["id"]?.text ?? ""
            let visit = try await visitor.market.visit(
                visitor.asking("getVisit"), BookingID(typeID: id)
            ).body
            guard visit["over"]?.flag == true else { continue }
            over.insert(id)
            if visit["waits_for_you"]?.flag == true { waiting.append(id) }
        }
        let today = zone.date(of: login.now)
        let visits = rows.filter {
            $0.isOwn && $0.state == "booked" && zone.date(of: $0.starts) == today
                && !over.contains($0.id)
        }
        if let next = visits.first {
            add(
                "visits", visits.count, at: visits.count == 1 ? "/visits/\(next.id)" : "/day",
                when: visitor.language.time(next.starts, in: zone))
        }
        let address = waiting.count == 1 ? "/visits/\(waiting[0])" : "/minutes"
        add("minutes", waiting.count, at: address)
    }

    /// What the buyer holds and only the buyer can confirm; the first that runs out comes first.
    private mutating func addHolds(_ rows: [BookingRow]) throws {
        let login = try visitor.signedIn
        let holds = rows.filter { $0.state == "held" && !$0.isSeller }
            .compactMap { row in row.holdEnds.map { (id: row.id, ends: $0) } }
            .filter { $0.ends > login.now }
            .sorted { ($0.ends, $0.id) < ($1.ends, $1.id) }
        guard let first = holds.first else { return }
        add(
            "holds", holds.count, at: "/bookings/\(first.id)",
            when: visitor.language.moment(first.ends, in: login.zone))
    }

    // MARK: Before a contract

    /// Those that buyers made, and that wait for an answer.
    private mutating func addRequests() async throws {
        let visitor = visitor
        let own = try visitor.signedIn.organisation.description
        let waiting = try await visitor.every {
            try await visitor.market.listContractRequests(
                visitor.asking("listContractRequests"), page: $0)
        }.filter { $0["seller"]?.text == own && $0["awaits_seller"]?.flag == true }
        add("requests", waiting.count, at: "/contract-requests")
    }

    /// Own needs with answers to choose from, and those of others that the own profile fits.
    private mutating func addNeeds() async throws {
        func ids(_ needs: [JSON]) -> [String] { needs.compactMap { $0["id"]?.text } }
        let own = try await NeedPages.needs(visitor, own: true).filter { need in
            ["open", "deciding"].contains(need["state"]?.text)
                && need["answers"]?.elements?.isEmpty == false
        }
        let others = try await NeedPages.needs(visitor, own: false).filter { need in
            need["state"]?.text == "open" && need["fits"]?.flag == true
                && need["answers"]?.elements?.isEmpty == true
        }
        add("needs_decide", ids(own), of: "/needs")
        add("needs_fit", ids(others), of: "/needs")
    }

    // MARK: Contracts

    /// So many contracts are named; of more, the list is the place.
    private static let mostNamed = 5

    /// Each version that waits for an answer, or was declined, leads to where it is read.
    private mutating func addVersions() async throws {
        let login = try visitor.signedIn
        let open = try await visitor.market.openVersions(visitor.asking("listContracts"))
        let waiting = open.filter(\.waitsForSignature)
        if login.roles.contains(.signatory) {
            add("sign", waiting)
        } else {
            // who administers can decline it, or propose other terms
            add("offered", waiting.filter { !$0.isOwn })
        }
        add("declined", open.filter { $0.state == .declined })
    }

    private mutating func add(_ key: String, _ versions: [OpenVersion]) {
        guard versions.count <= Self.mostNamed else {
            return add(key, versions.count, at: "/contracts")
        }
        for version in versions {
            lines.append([
                "address": "/contracts/\(version.contract)?version=\(version.number)",
                "text": visitor.say("task_\(key)_one", version.title, "\(version.number)"),
            ])
        }
    }

    /// What the other side has stopped, or is going to end.
    private mutating func addStops() async throws {
        let (visitor, login) = (visitor, try visitor.signedIn)
        let contracts = try await visitor.every {
            try await visitor.market.listContracts(
                visitor.asking("listContracts"), state: nil, page: $0)
        }
        for contract in contracts {
            let isSeller = contract["seller"]?.text == login.organisation.description
            let other = isSeller ? "buyer" : "seller"
            let title = contract["title"]?.text ?? ""
            let address = "/contracts/\(contract["id"]?.text ?? "")"
            let state = contract["state"]?.text
            if state == "suspended", contract["suspension"]?["side"]?.text == other {
                let text = visitor.say("task_suspended", title)
                lines.append(["address": address, "text": text])
            }
            if state != "ended", contract["notice"]?["side"]?.text == other {
                let last = try visitor.lastDay(
                    before: contract["notice"]?["ends_at"], in: login.zone)
                let text = visitor.say("task_noticed", title, last)
                lines.append(["address": address, "text": text])
            }
        }
    }

    // MARK: Finance

    /// What the visitor's own organisation has to pay, late or not yet, and what came to its
    /// account and waits for a person.
    private mutating func addOpenAmounts() async throws {
        let open = try await visitor.market.listOpenAmounts(
            visitor.asking("listOpenAmounts")
        ).body
        // the one that is due first comes first
        let unpaid = (open["invoices"]?.elements ?? []).filter {
            $0["side"]?.text == "buyer" && $0["open"]?.text != "0.00"
        }
        let late = unpaid.filter { ($0["days_overdue"]?.integer ?? 0) > 0 }
        let others = unpaid.filter { ($0["days_overdue"]?.integer ?? 0) <= 0 }
        for (key, invoices) in [("overdue", late), ("pay", others)] {
            guard let first = invoices.first else { continue }
            let only = "/invoices/\(first["invoice"]?.text ?? "")"
            add(
                key, invoices.count, at: invoices.count == 1 ? only : "/open-amounts",
                when: try visitor.language.date(CalendarDate(iso: first["due_on"]?.text ?? "")))
        }
        add("entries", open["bank_entries"]?.elements?.count ?? 0, at: "/bank-entries")
    }

    /// Those that wait for this side's answer, the first that runs out first.
    private mutating func addDisputes() async throws {
        let visitor = visitor
        let own = try visitor.signedIn.organisation.description
        let waiting = try await visitor.every {
            try await visitor.market.listDisputes(
                visitor.asking("listDisputes"), contract: nil, statement: nil, state: nil,
                page: $0)
        }.filter { dispute in
            dispute["turn"]?.text.map { dispute[$0]?.text == own } ?? false
        }
        let ends = waiting.compactMap { $0["answer_by"]?.text }
            .compactMap { try? Instant(rfc3339: $0) }
        guard let first = ends.min() else { return }
        let only = waiting.count == 1 ? waiting[0]["id"]?.text : nil
        add(
            "disputes", waiting.count, at: only.map { "/disputes/\($0)" } ?? "/disputes",
            when: visitor.language.moment(first, in: try visitor.signedIn.zone))
    }

    /// Files that wait for a second person, rounds of netting and what remained of them, and months
    /// that are over.
    private mutating func addCounted() async throws {
        let visitor = visitor
        let found = try await visitor.market.listToDo(visitor.asking("listToDo")).body
        for item in found["items"]?.elements ?? [] {
            let count = Int(item["count"]?.integer ?? 0)
            switch item["kind"]?.text {
            case "payment_files_to_approve":
                let day = try visitor.day(item["due_on"])
                add("files", count, at: "/payments", when: day)
            case "netting_rounds_to_answer":
                let until = try visitor.moment(item["due_at"])
                add("rounds", count, at: "/netting", when: until)
            case "net_payments_to_pay":
                let day = try visitor.day(item["due_on"])
                add("nets", count, at: "/open-amounts", when: day)
            case "months_to_close": add("months", count, at: "/periods")
            default: break
            }
        }
    }

    private static func statements(
        _ visitor: Visitor
    ) async throws -> (toAccept: [String], toInvoice: [String]) {
        let statements = try await visitor.every {
            try await visitor.market.listStatements(
                visitor.asking("listStatements"), contract: nil, state: nil, page: $0)
        }
        let contracts = try await ContractList.all(visitor)
        var (toAccept, toInvoice): ([String], [String]) = ([], [])
        for statement in statements {
            let isSeller = contracts[statement["contract"]]?.isSeller == true
            let state = statement["state"]?.text
            let id = statement["id"]?.text ?? ""
            if !isSeller, state == "open" { toAccept.append(id) }
            let left = try Money(decimal: statement["to_invoice"]?.text ?? "0")
            if isSeller, state == "accepted", left > .zero { toInvoice.append(id) }
        }
        return (toAccept, toInvoice)
    }
}
