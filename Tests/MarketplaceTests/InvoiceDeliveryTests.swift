import Billing
import Foundation
import Marketplace
import MoneyAndTime
import Organisations
import Outgoing
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

@Suite("How invoices reach their buyers")
struct InvoiceDeliveryTests {
    /// A market that is no demo's, with mail by a program of ours and an operator's folder.
    struct Post {
        let test: TestMarket
        let contract: TestContract
        let life: LifeOfAVisit
        let market: Market
        let folder: URL

        static func with(_ body: (Post) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory.appending(
                path: "aikatori-delivery-\(UInt64.random(in: .min ... .max))")
            try FileManager.default.createDirectory(
                at: folder.appending(path: "operator"), withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try await TestMarket.withMarket { test in
                let contract = try await test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
                let life = try await LifeOfAVisit(under: contract)
                try await life.cancelledLate("2027-03-08")
                try await test.clock.set(to: Instant(rfc3339: "2027-03-31T21:00:00Z"))
                let program = folder.appending(path: "run")
                try ShellProgram.write("cat > '\(folder.path)/mail'", to: program)
                let sender = try EmailAddress("aikatori@hospital.example")
                let market = Market(
                    database: test.app, keys: test.market.keys, logger: test.market.logger,
                    surroundings: Surroundings(
                        mail: .sendmail(
                            Sendmail(program: program.path, sender: sender.text), from: sender),
                        operatorFolder: OperatorFolder(
                            path: folder.appending(path: "operator").path)))
                try await body(
                    Post(
                        test: test, contract: contract, life: life, market: market,
                        folder: folder))
            }
        }

        func wants(_ way: DeliveryWay, _ form: DeliveryForm = .ubl) async throws {
            let buyer = contract.buyer.finance
            let now = try await market.invoiceReception(buyer.request("getInvoiceReception"))
            _ = try await market.updateInvoiceReception(
                buyer.request("updateInvoiceReception"),
                revision: now.body["revision"]?.integer ?? 0, way: way, form: form,
                address: way == .mail ? EmailAddress("invoices@buyer.example") : nil)
        }

        func issued() async throws -> InvoiceID {
            try await InvoiceID(typeID: life.invoiced()[0]["id"]?.text ?? "")
        }

        func deliveries(
            of invoice: InvoiceID, by organisation: TestOrganisation? = nil
        ) async throws -> [JSON] {
            try await market.invoiceDeliveries(
                (organisation ?? contract.seller).auditor.request("listInvoiceDeliveries"),
                of: invoice
            ).body["deliveries"]?.elements ?? []
        }

        func answer(
            _ delivery: JSON, of invoice: InvoiceID, taken: Bool,
            by organisation: TestOrganisation? = nil
        ) async throws {
            _ = try await market.answerInvoiceDelivery(
                (organisation ?? contract.seller).finance.request("answerInvoiceDelivery"),
                of: invoice, DeliveryID(typeID: delivery["id"]?.text ?? ""), isTaken: taken,
                problem: taken ? nil : "no such address")
        }

        var out: [String] {
            let path = folder.appending(path: "operator/out").path
            return (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        }

        func works() async throws {
            _ = try await market.actOnWhatIsDue(most: 20)
        }
    }

    @Test("who wants nothing gets nothing, and what it downloads is noted once")
    func downloads() async throws {
        try await Post.with { post in
            let id = try await post.issued()
            try await post.works()
            #expect(try await post.deliveries(of: id).isEmpty)
            for side in [post.contract.seller, post.contract.buyer, post.contract.buyer] {
                _ = try await post.market.invoiceDocument(
                    side.finance.request("getInvoiceDocument"), id)
                _ = try await post.market.invoiceFinvoice(
                    side.finance.request("getInvoiceFinvoice"), id)
            }
            for side in [post.contract.seller, post.contract.buyer] {
                let noted = try await post.deliveries(of: id, by: side)
                #expect(noted.map { $0["form"] } == ["ubl", "finvoice"])
                #expect(noted.allSatisfy { $0["way"] == "download" })
                #expect(noted.allSatisfy { $0["state"] == "acknowledged" })
            }
            let unasked = await refusal {
                _ = try await post.market.sendInvoice(
                    post.contract.seller.finance.request("sendInvoice"), id)
            }
            #expect(unasked == .deliveryNotWanted)
        }
    }

    @Test("by mail: queued with the invoice, sent with the document, once")
    func mails() async throws {
        try await Post.with { post in
            try await post.test.isNoDemo()
            try await post.wants(.mail)
            let id = try await post.issued()
            #expect(try await post.deliveries(of: id).map { $0["state"] } == ["queued"])
            try await post.works()
            try await post.works()
            #expect(try await post.market.sendNextMessage())
            #expect(try await !post.market.sendNextMessage())
            let sent = try await post.deliveries(of: id)
            #expect(sent.map { $0["state"] } == ["sent"])
            #expect(sent[0]["address"] == "invoices@buyer.example")
            let mail = try String(
                contentsOf: post.folder.appending(path: "mail"), encoding: .utf8)
            #expect(mail.contains("AK-2027-000001.xml"))
            // mail answers for itself
            let answered = await refusal { try await post.answer(sent[0], of: id, taken: true) }
            #expect(answered == .illegalTransition)
        }
    }

    @Test("through the operator: given whole and once, and its answer is heard once")
    func operates() async throws {
        try await Post.with { post in
            try await post.wants(.operator, .finvoice)
            let id = try await post.issued()
            try await post.works()
            try await post.works()
            let sent = try await post.deliveries(of: id)
            #expect(sent.map { $0["state"] } == ["sent"])
            let name = sent[0]["id"]?.text ?? ""
            #expect(post.out == ["\(name).xml"])
            let given = try String(
                contentsOf: post.folder.appending(path: "operator/out/\(name).xml"),
                encoding: .utf8)
            #expect(given.contains("<Finvoice Version=\"3.0\">"))
            // the operator takes it, and nothing gives it again
            try FileManager.default.removeItem(
                at: post.folder.appending(path: "operator/out/\(name).xml"))
            try await post.works()
            #expect(post.out == [])
            let answers = post.folder.appending(path: "operator/answers")
            for file in ["\(name).ok", "nobody.ok", "delivery_01j0000000e008000000000999.error"] {
                try Data("gone".utf8).write(to: answers.appending(path: file))
            }
            #expect(try await post.market.readOperatorAnswers())
            #expect(try await !post.market.readOperatorAnswers())
            let heard = try await post.deliveries(of: id)
            #expect(heard.map { $0["state"] } == ["acknowledged"])
            // the same word again is no other one, and another one is not taken
            try await post.answer(heard[0], of: id, taken: true)
            let other = await refusal { try await post.answer(heard[0], of: id, taken: false) }
            #expect(other == .illegalTransition)
            let again = await refusal {
                _ = try await post.market.sendInvoice(
                    post.contract.seller.finance.request("sendInvoice"), id)
            }
            #expect(again == .alreadyDelivered)
        }
    }

    @Test(
        "an answer that comes while the file is moved is taken once it was",
        arguments: [true, false])
    func hearsEarlyAnswers(taken: Bool) async throws {
        try await Post.with { post in
            try await post.wants(.operator)
            let id = try await post.issued()
            let delivery = try await post.deliveries(of: id)[0]
            let before = await refusal { try await post.answer(delivery, of: id, taken: taken) }
            #expect(before == .illegalTransition)
            // prepared, and perhaps moved: whether it was is known with the next step
            let isPrepared: Query = "select prepared from invoice_delivery"
            while try await !post.test.owner.read([isPrepared]).only()["prepared", Bool.self] {
                _ = try await post.market.actOnWhatIsDue(most: 1)
            }
            let answers = post.folder.appending(path: "operator/answers")
            let name = delivery["id"]?.text ?? ""
            func said(_ ending: String) async throws {
                try Data("Refused 131052-308T\n".utf8).write(
                    to: answers.appending(path: "\(name).\(ending)"))
                #expect(try await post.market.readOperatorAnswers())
            }
            try await said(taken ? "ok" : "error")
            // what it says otherwise after that is nobody's, and so is it from the seller
            try await said(taken ? "error" : "ok")
            try await post.answer(delivery, of: id, taken: taken)
            let other = await refusal { try await post.answer(delivery, of: id, taken: !taken) }
            #expect(other == .illegalTransition)
            #expect(try await post.deliveries(of: id)[0]["state"] == "queued")
            try await post.works()
            let heard = try await post.deliveries(of: id)[0]
            let state = taken ? "acknowledged" : "failed"
            #expect(heard["state"] == JSON(state))
            // not what looks like a personal identity code
            #expect(heard["problem"] == (taken ? JSON.null : "no such address"))
            let told = try await post.test.owner.read([
                "select kind from event where subject_kind = 'invoice_delivery' order by revision"
            ]).map { try $0["kind", String.self] }
            #expect(told == ["invoice_delivery.sent", "invoice_delivery.\(state)"])
        }
    }

    @Test("a refused one is sent again as another delivery")
    func sendsAgain() async throws {
        try await Post.with { post in
            try await post.wants(.operator)
            let id = try await post.issued()
            try await post.works()
            try await post.works()
            try await post.answer(post.deliveries(of: id)[0], of: id, taken: false)
            let failed = try await post.deliveries(of: id)
            #expect(failed.map { $0["state"] } == ["failed"])
            #expect(failed[0]["problem"] == "no such address")
            _ = try await post.market.sendInvoice(
                post.contract.seller.finance.request("sendInvoice"), id)
            try await post.works()
            try await post.works()
            let all = try await post.deliveries(of: id)
            #expect(all.map { $0["state"] } == ["failed", "sent"])
            #expect(post.out.count == 2)
        }
    }

    @Test("a folder that cannot be written is tried again, later and later, and given up")
    func givesUp() async throws {
        try await Post.with { post in
            try await post.wants(.operator)
            let id = try await post.issued()
            let folder = post.folder.appending(path: "operator")
            try FileManager.default.removeItem(at: folder)
            try Data().write(to: folder)
            for tries in 1...7 {
                try await post.works()
                let delivery = try await post.deliveries(of: id)[0]
                #expect(delivery["state"] == "queued" && delivery["tries"] == JSON(tries))
                try await post.works()
                #expect(try await post.deliveries(of: id)[0]["tries"] == JSON(tries))
                try await post.test.clock.advance(seconds: 86_400)
            }
            try await post.works()
            let delivery = try await post.deliveries(of: id)[0]
            #expect(delivery["state"] == "failed")
            #expect(delivery["problem"]?.text?.hasPrefix("the operator's folder") == true)
        }
    }

    @Test("nobody else reads, sends or answers it")
    func attacks() async throws {
        try await Post.with { post in
            try await post.wants(.operator)
            let id = try await post.issued()
            try await post.works()
            try await post.works()
            let sent = try await post.deliveries(of: id)[0]
            let stranger = try await post.test.addOrganisation("Stranger")
            let read = await refusal { _ = try await post.deliveries(of: id, by: stranger) }
            #expect(read == .notFound)
            for (organisation, expected) in [
                (stranger, RefusalCode.notFound), (post.contract.buyer, .notYourSide),
            ] {
                let answered = await refusal {
                    try await post.answer(sent, of: id, taken: true, by: organisation)
                }
                #expect(answered == expected)
                let again = await refusal {
                    _ = try await post.market.sendInvoice(
                        organisation.finance.request("sendInvoice"), id)
                }
                #expect(again == expected)
            }
            await #expect(throws: InvalidInput.self) {
                _ = try await post.market.updateInvoiceReception(
                    post.contract.buyer.finance.request("updateInvoiceReception"), revision: 1,
                    way: .operator, form: .pdf, address: nil)
            }
            await #expect(throws: InvalidInput.self) {
                _ = try await post.market.updateInvoiceReception(
                    post.contract.buyer.finance.request("updateInvoiceReception"), revision: 1,
                    way: .mail, form: .ubl, address: nil)
            }
            let stale = await refusal {
                _ = try await post.market.updateInvoiceReception(
                    post.contract.buyer.finance.request("updateInvoiceReception"), revision: 0,
                    way: .download, form: .ubl, address: nil)
            }
            #expect(stale == .revisionDiffers)
        }
    }
}
