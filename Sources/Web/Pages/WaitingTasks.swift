import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// What waits for the visitor's roles, each as a line with a number that leads to where it is
/// done. What waits for nobody is not there.
enum WaitingTasks {
    static func all(_ visitor: Visitor, _ rows: [BookingRow]) async throws -> [[String: Any]] {
        let login = try visitor.signedIn
        var tasks: [[String: Any]] = []
        func add(_ count: Int, _ key: String, _ address: String) {
            guard count > 0 else { return }
            let text =
                count == 1
                ? visitor.say("task_\(key)_one")
                : visitor.say("task_\(key)", visitor.language.number("\(count)"))
            tasks.append(["address": address, "text": text])
        }
        if !login.roles.isDisjoint(with: [.scheduler, .specialist]) {
            add(Int(visitor.standing?.waiting ?? 0), "proposals", "/proposals")
        }
        if login.roles.contains(.scheduler) {
            add(rows.count { $0.state == "held" }, "holds", "/bookings")
        }
        if login.roles.contains(.finance) {
            let statements = try await statements(visitor)
            add(statements.toAccept, "accept", "/statements")
            add(statements.toInvoice, "invoice", "/statements")
            let open = try await visitor.market.listOpenAmounts(
                visitor.asking("listOpenAmounts")
            ).body
            let toPay = (open["invoices"]?.elements ?? []).filter { $0["side"]?.text == "buyer" }
            add(toPay.count, "pay", "/invoices")
            add(open["bank_entries"]?.elements?.count ?? 0, "entries", "/open-amounts")
        }
        if login.roles.contains(.admin) {
            let toSign = try await visitor.market.contractsToSign(
                visitor.asking("listContracts"))
            add(Int(toSign), "sign", "/contracts")
        }
        return tasks
    }

    private static func statements(
        _ visitor: Visitor
    ) async throws -> (toAccept: Int, toInvoice: Int) {
        let statements = try await visitor.every {
            try await visitor.market.listStatements(
                visitor.asking("listStatements"), contract: nil, state: nil, page: $0)
        }
        let contracts = try await ContractList.all(visitor)
        var (toAccept, toInvoice) = (0, 0)
        for statement in statements {
            let isSeller = contracts[statement["contract"]]?.isSeller == true
            let state = statement["state"]?.text
            if !isSeller, state == "open" { toAccept += 1 }
            if isSeller, state == "accepted", statement["invoiced"]?.flag != true {
                toInvoice += 1
            }
        }
        return (toAccept, toInvoice)
    }
}
