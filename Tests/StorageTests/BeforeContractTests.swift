import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import TestMarket
import Testing

/// What the database itself keeps of profiles, needs and answers, whatever a program asks of it.
@Suite struct BeforeContractTests {
    /// A need of a buyer that two sellers have answered, and a profile that nobody has published.
    private struct Scene {
        let buyer: TestOrganisation
        let sellers: [TestOrganisation]
        let need: NeedID
        var answers: [NeedAnswerID] = []
    }

    private static let service = """
        {"kind": "patient_visit", "modality": "video", "languages": ["fi"],
        "specialty": {"system": "1.2.246.537.6.24", "code": "70"}}
        """

    private static func post(_ need: NeedID, sellers: [OrganisationID]? = nil) -> Query {
        """
        insert into need (id, buyer, title, service, regions, minutes, per, starts_on, ends_on,
            words, answer_by, sellers)
        values (\(need), current_organisation(), 'Title', \(service)::jsonb, array['FI'], 60,
            'week', '2027-06-01', '2027-12-31', 'Words', '2027-03-01', \(sellers)::uuid[])
        """
    }

    private func scene(_ test: TestMarket) async throws -> Scene {
        try await test.clock.set(to: Instant(rfc3339: "2027-02-01T08:00:00Z"))
        let sellers = [
            try await test.addOrganisation("Seller 1"), try await test.addOrganisation("Seller 2"),
        ]
        var scene = Scene(
            buyer: try await test.addOrganisation("Buyer"), sellers: sellers, need: newID())
        try await test.asked(by: scene.buyer.admin, Self.post(scene.need))
        for seller in sellers {
            let answer: NeedAnswerID = newID()
            try await test.asked(
                by: seller.admin,
                StoredNeedAnswer.give(answer, to: scene.need, words: "Ours", price: "2.4533"))
            scene.answers.append(answer)
        }
        try await test.asked(
            by: sellers[0].admin,
            """
            insert into profile (organisation, published, description, services, regions, email)
            values (current_organisation(), false, '{"fi": "Aikaa."}',
                '[{"languages": ["fi"]}]', array['FI'], 'contracts@example.org')
            """)
        return scene
    }

    @Test func noSellerSeesAnothersAnswer() async throws {
        try await TestMarket.withMarket { test in
            let scene = try await scene(test)
            let all: Query = "select id from need_answer"
            for (seller, own) in zip(scene.sellers, scene.answers) {
                let seen = try await test.asked(by: seller.admin, all)
                    .map { try $0.decode(0, as: NeedAnswerID.self) }
                #expect(seen == [own])
                // the need itself is seen through its function alone, without who else is asked
                #expect(try await test.asked(by: seller.admin, "select from need").isEmpty)
            }
            #expect(try await test.asked(by: scene.buyer.admin, all).count == 2)
            // nor is an accepted one told to who did not give it
            try await test.asked(
                by: scene.buyer.admin,
                StoredNeed.move(scene.need, to: .closed, accepting: scene.answers[0]))
            for (seller, accepted) in zip(scene.sellers, [scene.answers[0], nil]) {
                let seen = try await test.asked(
                    by: seller.admin, StoredNeed.others(scene.need, after: nil, limit: 1)
                ).only()
                #expect(try StoredNeed(row: seen).accepted == accepted)
            }
        }
    }

    @Test func answersAreGivenThroughTheNeedAlone() async throws {
        try await TestMarket.withMarket { test in
            let scene = try await scene(test)
            let (buyer, seller) = (scene.buyer, scene.sellers[0])
            let forged = await refused {
                try await test.asked(
                    by: seller.admin,
                    """
                    insert into need_answer (id, need, seller, buyer, words)
                    values (\(newID(NeedAnswerTag.self)), \(scene.need), \(seller.id),
                        \(buyer.id), 'x')
                    """)
            }
            #expect(forged == "42501")
            func answered(_ need: NeedID, by caller: TestCaller) async -> String? {
                await refused {
                    try await test.asked(
                        by: caller,
                        StoredNeedAnswer.give(newID(), to: need, words: "x", price: nil))
                }
            }
            #expect(await answered(scene.need, by: seller.admin) == "already_answered")
            #expect(await answered(scene.need, by: buyer.admin) == "not_found")
            let named: NeedID = newID()
            try await test.asked(by: buyer.admin, Self.post(named, sellers: [seller.id]))
            #expect(await answered(named, by: scene.sellers[1].admin) == "not_found")
            let seen = try await test.asked(
                by: scene.sellers[1].admin, StoredNeed.others(named, after: nil, limit: 1))
            #expect(seen.isEmpty)
            // from that instant on nobody does, whether or not the worker has come
            try await test.clock.set(to: Instant(rfc3339: "2027-03-01T00:00:00Z"))
            #expect(await answered(named, by: seller.admin) == "need_not_open")
        }
    }

    @Test func whatIsDecidedStays() async throws {
        try await TestMarket.withMarket { test in
            let scene = try await scene(test)
            let buyer = scene.buyer.admin
            let other: NeedID = newID()
            try await test.asked(by: buyer, Self.post(other))
            let foreign = await refused {
                try await test.asked(
                    by: buyer, StoredNeed.move(other, to: .closed, accepting: scene.answers[0]))
            }
            #expect(foreign == "23503", "an answer to another need")
            let without = await refused {
                try await test.asked(by: buyer, StoredNeed.move(other, to: .closed))
            }
            #expect(without == "23514", "closed without an answer")
            for column in ["words", "answer_by", "minutes", "buyer"] {
                let edited = await refused {
                    try await test.asked(
                        by: buyer, "update need set \(trusted: column) = \(trusted: column)")
                }
                #expect(edited == "42501", "\(column)")
            }
            try await test.asked(by: buyer, StoredNeed.move(other, to: .withdrawn))
            for state in [StoredNeed.State.open, .deciding, .expired, .withdrawn] {
                let moved = await refused {
                    try await test.asked(by: buyer, StoredNeed.move(other, to: state))
                }
                #expect(moved == "need_not_open", "\(state)")
            }
            // others move nothing of it
            try await test.asked(
                by: scene.sellers[0].admin, "update need set state = 'withdrawn'")
            let state: String = try await test.owner.read([
                "select state from need where id = \(scene.need)"
            ]).only().decode(0)
            #expect(state == "open")
        }
    }

    @Test func whatIsNotPublishedIsNotFound() async throws {
        try await TestMarket.withMarket { test in
            let scene = try await scene(test)
            let seller = scene.sellers[0]
            let stranger = try await test.addOrganisation("Stranger").admin
            let found = ProfileSearch().page(after: nil, limit: 10)
            for caller in [stranger, scene.buyer.admin] {
                #expect(try await test.asked(by: caller, found).isEmpty)
                #expect(try await test.asked(by: caller, "select from profile").isEmpty)
            }
            #expect(
                try await test.asked(by: stranger, StoredOrganisation.toAsk(seller.id)).isEmpty)
            // who has answered a need wants to be asked
            let asked = try await test.asked(
                by: scene.buyer.admin, StoredOrganisation.toAsk(seller.id))
            #expect(asked.count == 1)
            try await test.asked(by: seller.admin, "update profile set published = true")
            #expect(try await test.asked(by: stranger, found).count == 1)
            #expect(try await test.app.read([found]).isEmpty, "nobody has entered")
        }
    }

    @Test func regionsAreThoseOfTheCode() async throws {
        try await TestMarket.withMarket { test in
            let lists = [Region.allCases.map(\.rawValue), [], ["22"], ["01", "1"], ["fi"], ["89"]]
            for (index, codes) in lists.enumerated() {
                let holds: Bool = try await test.owner.read(["select is_region_list(\(codes))"])
                    .only().decode(0)
                #expect(holds == (index == 0), "\(codes)")
            }
        }
    }
}
