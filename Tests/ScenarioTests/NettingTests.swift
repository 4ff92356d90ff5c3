import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

@Suite("What is owed in a circle is set off")
struct NettingTests {
    /// Three organisations: each sells to the next one, and the last to the first.
    private struct Triangle {
        let test: TestMarket
        let members: [TestOrganisation]
        let invoices: [JSON]

        /// The hospital is owed 108.00, the clinic 72.00 and the health centre 54.00.
        init(_ test: TestMarket, netting: String = "many") async throws {
            self.test = test
            let members = [
                try await test.addOrganisation("Example Hospital"),
                try await test.addOrganisation("Example Health Centre"),
                try await test.addOrganisation("Example Clinic"),
            ]
            self.members = members
            var lives: [LifeOfAVisit] = []
            for (seller, buyer) in [(0, 1), (1, 2), (2, 0)] {
                let contract = try await test.signedContract(
                    seller: members[seller], buyer: members[buyer],
                    changed: ["billing": try Self.billing(netting)])
                lives.append(try await LifeOfAVisit(under: contract))
            }
            try await lives[0].held("2027-03-08", minutes: 30)
            try await lives[1].cancelledLate("2027-03-09")
            try await lives[2].held("2027-03-10", minutes: 20)
            try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            var invoices: [JSON] = []
            for life in lives { invoices.append(try await life.invoiced()[0]) }
            self.invoices = invoices
        }

        /// That of the example, with netting.
        private static func billing(_ netting: String) throws -> JSON {
            [
                "period": "month", "statement": ["acceptance_days": 7], "payment_days": 30,
                "vat": [
                    "category": "E", "rate_percent": "0",
                    "reason": "Hospital and medical care by a public body, section 34",
                    "exemption_code": "VATEX-EU-132-1B",
                ],
                "buyer_reference": "HC-REMOTE-2027", "netting": JSON(netting),
            ]
        }

        func proposed(
            by member: Int = 0, with other: Int? = nil, key: String = "p"
        ) async throws -> NettingRoundID {
            let made = try await test.market.proposeNetting(
                members[member].finance.request("proposeNetting", key: key),
                with: other.map { members[$0].id })
            return try NettingRoundID(typeID: made.body["id"]?.text ?? "")
        }

        func seen(_ round: NettingRoundID, by member: Int) async throws -> JSON {
            try await test.market.nettingRound(
                members[member].finance.request("getNettingRound"), round
            ).body
        }

        func says(
            _ answer: StoredNettingMember.Answer, _ round: NettingRoundID, by member: Int,
            figure: String? = nil
        ) async throws {
            let seen = try await seen(round, by: member)["figure"]?.text ?? ""
            _ = try await test.market.answerNetting(
                members[member].finance.request(
                    "answerNetting", key: "\(answer)\(member)\(figure ?? "")"), round,
                answer, figure: Money(decimal: figure ?? seen))
        }

        /// Another sum waits; exactly it is matched, once. The payer is the health centre.
        func pays(_ payments: [JSON], of round: NettingRoundID) async throws {
            for (payment, member) in zip(payments, [0, 2]) {
                let amount = payment["amount"]?.text ?? ""
                let reference = payment["reference"]?.text
                var day = BankDay([("1.00", reference), (amount, reference), (amount, reference)])
                day.id = "N\(member)"
                let file = try await test.market.importBankFile(
                    members[member].finance.request("importBankFile", key: "n"), day.file()
                ).body
                let fates = file["entries"]?.elements?.map { $0["fate"] }
                #expect(fates == ["waiting", "matched", "waiting"])
                #expect(file["entries"]?[0]?["reason"] == "net_payment_differs")
            }
            let after = try await seen(round, by: 1)
            let received = after["payments"]?.elements?.compactMap { $0["received_at"]?.text }
            #expect(received?.count == 2)
            let balance = try await test.market.trialBalance(
                members[1].finance.request("getTrialBalance")
            ).body
            let left = (balance["accounts"]?.elements ?? []).filter {
                $0["code"] == "clearing_payable" && $0["balance"] != "0.00"
            }
            #expect(left.isEmpty)
            try await isInOrder()
        }

        /// How much waits for a member's finance people.
        func toDo(by member: Int) async throws -> [String: JSON] {
            let items =
                try await test.market.listToDo(
                    members[member].finance.request("listToDo")
                ).body["items"]?.elements ?? []
            return Dictionary(
                uniqueKeysWithValues: items.map { ($0["kind"]?.text ?? "", $0["count"] ?? .null) })
        }

        /// These sums of rounds are open in a member's book, whose accounts they explain.
        func explains(by member: Int, open sums: [String]) async throws {
            let open = try await test.market.listOpenAmounts(
                members[member].finance.request("listOpenAmounts")
            ).body
            let found = (open["net_payments"]?.elements ?? []).compactMap { $0["amount"]?.text }
            #expect(Set(found) == Set(sums) && found.count == sums.count)
            #expect(open["explained"] == true, "\(open["accounts"] ?? .null)")
        }

        /// Verified, each book at zero, and nothing on the way in any.
        func isInOrder() async throws {
            let findings = try await Verification.run(on: test.reader)
            #expect(findings.isEmpty, "\(findings)")
            for member in members {
                let balance = try await test.market.trialBalance(
                    member.finance.request("getTrialBalance")
                ).body
                let clearing = try (balance["accounts"]?.elements ?? [])
                    .filter { $0["code"] == "clearing" }
                    .map { try Money(decimal: $0["balance"]?.text ?? "") }
                #expect(try Money.sum(of: clearing) == .zero)
                #expect(balance["difference"] == "0.00")
            }
        }
    }

    @Test("What remains is paid without its reference: a person says which payment it is")
    func remainderByHand() async throws {
        try await TestMarket.withMarket { test in
            let (triangle, ids) = try await Self.remainders(test)
            try await triangle.explains(by: 1, open: ["36.00", "18.00"])
            #expect(try await triangle.toDo(by: 1)["net_payments_to_pay"] == 2)
            try await triangle.explains(by: 0, open: ["36.00"])

            // without a reference they wait; the one of exactly the sum suggests it
            let hospital = triangle.members[0].finance
            let file = try await test.market.importBankFile(
                hospital.request("importBankFile"),
                BankDay([("36.00", nil), ("35.00", nil), ("36.00", nil)]).file())
            let entries = try (file.body["entries"]?.elements ?? []).map {
                try BankEntryID(typeID: $0["id"]?.text ?? "")
            }
            let seen = try await test.market.bankEntry(
                hospital.request("getBankEntry"), entries[0]
            ).body
            #expect(seen["suggestions"]?[0]?["net_payment"]?["id"]?.text == "\(ids[0])")
            func applied(_ entry: Int, to net: Int) async -> RefusalCode? {
                await refusal {
                    _ = try await test.market.applyBankEntry(
                        hospital.request("applyBankEntry", key: "\(entry) \(net)"),
                        entries[entry], to: ids[net])
                }
            }
            #expect(await applied(1, to: 0) == .netPaymentDiffers)
            #expect(await applied(0, to: 1) == .notFound)
            #expect(await applied(0, to: 0) == nil)
            #expect(await applied(0, to: 0) == nil, "the same request again")
            #expect(await applied(2, to: 0) == .netPaymentReceived)
            let aside = await refusal {
                _ = try await test.market.setBankEntryAside(
                    hospital.request("setBankEntryAside"), entries[0])
            }
            #expect(aside == .bankEntryUsedUp)
            let after = try await test.market.bankEntry(
                hospital.request("getBankEntry"), entries[0]
            ).body
            #expect(after["fate"] == "matched" && after["left"] == "0.00")
            #expect(after["net_payment"]?.text == "\(ids[0])")
            try await triangle.explains(by: 0, open: [])

            try await triangle.isInOrder()
        }
    }

    @Test("The payee's own system says what paid its remainder: exactly it, and no waiting money")
    func reportedRemainder() async throws {
        try await TestMarket.withMarket { test in
            let (triangle, ids) = try await Self.remainders(test)
            let clinic = triangle.members[2].finance
            func reported(_ amount: String, key: String) async -> RefusalCode? {
                await refusal {
                    _ = try await test.market.reportPayments(
                        clinic.request("reportPayments", key: key),
                        [
                            ReportedPayment(
                                of: .netPayment(ids[1]),
                                paidOn: CalendarDate(iso: "2027-04-01"),
                                amount: Money(decimal: amount))
                        ])
                }
            }
            #expect(await reported("17.00", key: "less") == .netPaymentDiffers)
            // it may be this one, which is applied then
            let file = try await test.market.importBankFile(
                clinic.request("importBankFile"), BankDay([("18.00", nil)]).file())
            #expect(await reported("18.00", key: "waits") == .bankEntryWaits)
            _ = try await test.market.setBankEntryAside(
                clinic.request("setBankEntryAside"),
                BankEntryID(typeID: file.body["entries"]?[0]?["id"]?.text ?? ""))
            #expect(await reported("18.00", key: "all") == nil)
            #expect(await reported("18.00", key: "again") == nil)
            try await triangle.explains(by: 1, open: ["36.00"])
            try await triangle.explains(by: 2, open: [])
            try await triangle.isInOrder()
        }
    }

    /// A triangle that is posted, and what remained of it: 36.00 to the hospital and 18.00 to the
    /// clinic.
    private static func remainders(
        _ test: TestMarket
    ) async throws -> (Triangle, [NetPaymentID]) {
        let triangle = try await Triangle(test)
        let round = try await triangle.proposed()
        #expect(try await triangle.toDo(by: 1)["netting_rounds_to_answer"] == 1)
        for member in 0...2 { try await triangle.says(.consent, round, by: member) }
        let nets = try await triangle.seen(round, by: 1)["payments"]?.elements ?? []
        return (triangle, try nets.map { try NetPaymentID(typeID: $0["id"]?.text ?? "") })
    }

    @Test("A triangle of debts: all consent, two payments remain and come by the bank")
    func triangle() async throws {
        try await TestMarket.withMarket { test in
            let triangle = try await Triangle(test)
            #expect(triangle.invoices.map { $0["total"] } == ["108.00", "54.00", "72.00"])
            let round = try await triangle.proposed()
            for (member, figure) in [(0, "36.00"), (1, "-54.00"), (2, "18.00")] {
                let own = try await triangle.seen(round, by: member)
                #expect(own["figure"]?.text == figure)
                #expect(own["claims"]?.elements?.count == 2)
            }
            // what is in a round is in no second one
            let again = await refusal { _ = try await triangle.proposed(by: 1) }
            #expect(again == .nothingToNet)
            let differs = await refusal {
                try await triangle.says(.consent, round, by: 0, figure: "36.01")
            }
            #expect(differs == .totalDiffers)
            let stranger = try await test.addOrganisation("Stranger")
            let unseen = await refusal {
                _ = try await test.market.nettingRound(
                    stranger.finance.request("getNettingRound"), round)
            }
            #expect(unseen == .notFound)
            try await triangle.says(.consent, round, by: 0)
            let twice = await refusal { try await triangle.says(.decline, round, by: 0) }
            #expect(twice == .alreadyAnswered)
            // one pays a part meanwhile: what is open then is what is set off
            let day = BankDay([("8.00", triangle.invoices[0]["reference"]?.text)])
            _ = try await test.market.importBankFile(
                triangle.members[0].finance.request("importBankFile", key: "a"), day.file())
            try await triangle.says(.consent, round, by: 1)
            try await triangle.says(.consent, round, by: 2)

            let ended = try await triangle.seen(round, by: 1)
            #expect(ended["state"] == "posted" && ended["figure"] == "-46.00")
            let payments = ended["payments"]?.elements ?? []
            #expect(payments.map { $0["amount"] } == ["28.00", "18.00"])
            #expect(payments.allSatisfy { $0["side"] == "payer" })
            // who pays is told, and nobody else
            try await test.horizonToPass()
            for (member, isTold) in [(0, false), (1, true), (2, false)] {
                let events =
                    try await test.market.listEvents(
                        triangle.members[member].finance.request("listEvents"),
                        page: .init(after: nil, limit: 200)
                    ).body["items"]?.elements ?? []
                let told = events.contains { $0["kind"] == "netting.payment_due" }
                #expect(told == isTold)
            }
            let paid = try await test.market.invoice(
                triangle.members[1].finance.request("getInvoice"),
                InvoiceID(typeID: triangle.invoices[0]["id"]?.text ?? "")
            ).body
            #expect(paid["state"] == "paid" && paid["settled"] == "108.00")
            #expect(paid["set_offs"]?[0]?["amount"] == "100.00")
            try await triangle.isInOrder()

            try await triangle.pays(payments, of: round)
        }
    }

    @Test("One is silent: without it there is no circle when the days are over")
    func shrinks() async throws {
        try await TestMarket.withMarket { test in
            let triangle = try await Triangle(test)
            let alone = await refusal { _ = try await triangle.proposed(with: 1) }
            #expect(alone == .nothingToNet)
            let round = try await triangle.proposed()
            try await triangle.says(.consent, round, by: 0)
            try await triangle.says(.consent, round, by: 1)
            // Friday, Monday and Tuesday, whole
            try await test.clock.set(to: Instant(rfc3339: "2027-04-06T20:59:00Z"))
            _ = try await test.market.actOnWhatIsDue(most: 100)
            #expect(try await triangle.seen(round, by: 2)["state"] == "open")
            try await test.clock.set(to: Instant(rfc3339: "2027-04-06T21:00:00Z"))
            let late = await refusal { try await triangle.says(.consent, round, by: 2) }
            #expect(late == .deadlinePassed)
            _ = try await test.market.actOnWhatIsDue(most: 100)
            let ended = try await triangle.seen(round, by: 0)
            #expect(ended["state"] == "lapsed" && ended["payments"] == [])
            #expect(ended["claims"]?[0]?["set_off"] == .null)
            try await triangle.isInOrder()
            // and may be proposed anew
            _ = try await triangle.proposed(by: 2)
        }
    }

    @Test("Contracts that allow pairs only are not in a circle of three")
    func pairsOnly() async throws {
        try await TestMarket.withMarket { test in
            let triangle = try await Triangle(test, netting: "pair")
            let none = await refusal { _ = try await triangle.proposed() }
            #expect(none == .nothingToNet)
        }
    }
}
