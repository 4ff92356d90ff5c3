import Contracts
import MoneyAndTime
import Organisations
import Postgres
import StrictJSON

/// What a buyer posts.
package struct NeedDetails: Sendable {
    package let title: String
    package let service: ServiceOutline
    package let regions: Set<Region>
    package let minutes: Int64
    package let per: StoredNeed.Period
    package let startsOn: CalendarDate
    package let endsOn: CalendarDate
    package let words: String
    package let answerBy: Instant
    /// Whom it is shown to; nil is all.
    package let sellers: [OrganisationID]?

    package init(
        title: String, service: ServiceOutline, regions: Set<Region>, minutes: Int64,
        per: StoredNeed.Period, startsOn: CalendarDate, endsOn: CalendarDate, words: String,
        answerBy: Instant, sellers: [OrganisationID]?
    ) {
        self.title = title
        self.service = service
        self.regions = regions
        self.minutes = minutes
        self.per = per
        self.startsOn = startsOn
        self.endsOn = endsOn
        self.words = words
        self.answerBy = answerBy
        self.sellers = sellers
    }
}

/// A row of `need`, the caller's own or another's.
package struct StoredNeed: Sendable {
    package enum State: String, Sendable, CaseIterable {
        case open
        /// No answer is taken any more; the buyer decides on those that came.
        case deciding
        /// An answer was accepted.
        case closed
        case withdrawn
        /// Nobody answered in time.
        case expired
    }

    /// In what the minutes are counted.
    package enum Period: String, Sendable, CaseIterable {
        case week, month
    }

    package let id: NeedID
    package let buyer: OrganisationID
    package let details: NeedDetails
    package let state: State
    package let accepted: NeedAnswerID?
    package let revision: Int64

    /// One that is posted now.
    package init(id: NeedID, buyer: OrganisationID, _ details: NeedDetails) {
        self.id = id
        self.buyer = buyer
        self.details = details
        state = .open
        accepted = nil
        revision = 1
    }

    package init(row: Row) throws {
        guard let state = State(rawValue: try row.decode("state")),
            let per = Period(rawValue: try row.decode("per")),
            let service = ServiceOutline(stored: try JSON.parse(row["service", String.self]))
        else { throw CellError.malformed("a need") }
        id = try row.decode("id")
        buyer = try row.decode("buyer")
        details = try NeedDetails(
            title: row.decode("title"), service: service, regions: row.regions,
            minutes: Int64(row["minutes", Int32.self]), per: per,
            startsOn: row.decode("starts_on"), endsOn: row.decode("ends_on"),
            words: row.decode("words"), answerBy: row.decode("answer_by"),
            sellers: row.decode("sellers"))
        self.state = state
        accepted = try row.decode("accepted")
        revision = try row.decode("revision")
    }

    private static let columns: Query = """
        select id, buyer, title, service::text, regions, minutes, per, starts_on, ends_on, words,
            answer_by, sellers, state, accepted, revision
        from need
        """

    package static func find(_ id: NeedID) -> Query { "\(columns) where id = \(id)" }

    /// Whoever decides waits for answers that are being given, and for others who decide.
    package static func lock(_ id: NeedID) -> Query {
        "\(columns) where id = \(id) for update"
    }

    package static func page(after: NeedID?, limit: Int) -> Query {
        """
        \(columns) where (\(after)::uuid is null or id > \(after)::uuid) order by id limit \(limit)
        """
    }

    /// Of others: those that the caller may answer, or has answered.
    package static func others(_ id: NeedID?, after: NeedID?, limit: Int) -> Query {
        """
        select * from needs_of_others(\(id)::uuid, \(after)::uuid, \(Int32(clamping: limit)))
        """
    }

    package func insert() -> [Query] {
        [
            """
            insert into need (id, buyer, title, service, regions, minutes, per, starts_on, ends_on,
                words, answer_by, sellers)
            values (\(id), \(buyer), \(details.title),
                \(details.service.json.compactText)::jsonb, \(details.regions.codes),
                \(Int32(clamping: details.minutes)), \(details.per.rawValue),
                \(details.startsOn), \(details.endsOn), \(details.words),
                \(details.answerBy), \(details.sellers)::uuid[])
            """,
            """
            insert into deadline (due_at, kind, subject, organisation)
            values (\(details.answerBy), 'need_deadline', \(id), \(buyer))
            """,
        ]
    }

    /// Returns the revision.
    package static func move(
        _ id: NeedID, to state: State, accepting answer: NeedAnswerID? = nil
    ) -> Query {
        """
        update need set state = \(state.rawValue), accepted = \(answer)::uuid,
            revision = revision + 1
        where id = \(id) returning revision
        """
    }
}

/// A row of `need_answer`: the caller's own, or one to a need of the caller.
package struct StoredNeedAnswer: Sendable {
    package let id: NeedAnswerID
    package let need: NeedID
    package let seller: OrganisationID
    package let words: String
    /// Euros with up to four decimals, as it was given; no promise.
    package let price: String?
    package let createdAt: Instant

    package init(row: Row) throws {
        id = try row.decode("id")
        need = try row.decode("need")
        seller = try row.decode("seller")
        words = try row.decode("words")
        price = try row.decode("price_per_minute")
        createdAt = try row.decode("created_at")
    }

    private static let columns: Query =
        "select id, need, seller, words, price_per_minute, created_at from need_answer"

    package static func all(to needs: [NeedID]) -> Query {
        "\(columns) where need = any (\(needs)) order by id"
    }

    /// Gives an answer, and returns the buyer and the revision of the need.
    package static func give(
        _ id: NeedAnswerID, to need: NeedID, words: String, price: String?
    ) -> Query {
        "select * from answer_need(\(need), \(id), \(words)::text, \(price)::text)"
    }
}
