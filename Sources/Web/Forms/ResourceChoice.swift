import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// Which of the buyer's own rooms and staff a visit takes: a question for each kind.
struct ResourceChoice {
    /// A question's name in addresses and forms.
    private static func name(of kind: StoredResource.Kind) -> String { "own_\(kind.rawValue)" }

    static let names = StoredResource.Kind.allCases.map(name)

    /// Those that can be taken, and in which unit they are where there are several.
    private let resources: [(kind: StoredResource.Kind, choice: Choice)]

    init(_ visitor: Visitor) async throws {
        let all = try await visitor.every {
            try await visitor.market.listResources(visitor.asking("listResources"), page: $0)
        }.filter { $0["active"]?.flag == true }
        let units = all.isEmpty ? [:] : try await Self.units(visitor)
        resources = all.compactMap { each in
            guard let kind = each["kind"]?.text.flatMap(StoredResource.Kind.init(rawValue:)),
                let id = each["id"]?.text, let name = each["name"]?.text
            else { return nil }
            let unit = units.count > 1 ? units[each["unit"]?.text ?? ""] : nil
            return (kind, Choice(id, unit.map { "\(name) (\($0))" } ?? name))
        }.sorted { ($0.choice.text, $0.choice.value) < ($1.choice.text, $1.choice.value) }
    }

    /// The names of the organisation's units, by their identifiers.
    static func units(_ visitor: Visitor) async throws -> [String: String] {
        let units = try await visitor.every {
            try await visitor.market.listUnits(visitor.asking("listUnits"), page: $0)
        }
        return Dictionary(
            units.map { ($0["id"]?.text ?? "", $0["name"]?.text ?? "") },
            uniquingKeysWith: { first, _ in first })
    }

    /// The questions; a kind of which there is nothing is not asked for.
    func fields(
        _ visitor: Visitor, _ typed: FormFields, _ errors: FieldErrors = FieldErrors()
    ) -> [[String: Any]] {
        fields(visitor, errors) { typed.text($0) }
    }

    /// The questions with what a booking takes now; nil where it takes more than they can say.
    func fields(_ visitor: Visitor, of booking: JSON) -> [[String: Any]]? {
        let taken = Dictionary(
            grouping: booking["resources"]?.elements ?? [], by: { $0["kind"]?.text ?? "" })
        guard !resources.isEmpty, taken.values.allSatisfy({ $0.count == 1 }) else { return nil }
        return fields(visitor, FieldErrors()) { name in
            taken[String(name.dropFirst("own_".count))]?.first?["id"]?.text
        }
    }

    private func fields(
        _ visitor: Visitor, _ errors: FieldErrors, selected: (String) -> String?
    ) -> [[String: Any]] {
        StoredResource.Kind.allCases.compactMap { kind in
            let own = resources.filter { $0.kind == kind }.map(\.choice)
            guard !own.isEmpty else { return nil }
            let name = Self.name(of: kind)
            return Choice.field(
                name, visitor.say(name), [Choice("", visitor.say("\(name)_none"))] + own,
                selected: selected(name),
                error: errors.message(of: name).map { visitor.say($0) })
        }
    }

    // MARK: - What was chosen

    /// A word that names none is passed over.
    static func chosen(_ fields: FormFields) -> [ResourceID] {
        names.compactMap { name in
            fields.text(name).flatMap { try? ResourceID(typeID: $0) }
        }
    }

    /// As an address goes on with it, `name=value`.
    static func parameters(_ fields: FormFields) -> [String] {
        names.compactMap { name in fields.text(name).map { "\(name)=\($0.inQuery)" } }
    }

    /// As the hidden fields of a form.
    static func hidden(_ fields: FormFields) -> [[String: Any]] {
        names.compactMap { name in
            fields.text(name).map { ["name": name, "value": $0] }
        }
    }

    /// Says at the question whose answer it is that it cannot be had; false for another refusal.
    static func note(
        _ refusal: Refusal, _ fields: FormFields, _ errors: inout FieldErrors
    ) -> Bool {
        guard [.resourceTaken, .resourceClosed].contains(refusal.code),
            let name = names.first(where: {
                fields.text($0) == refusal.figures["resource"]?.text
            })
        else { return false }
        errors.add(name, "error_\(refusal.code.rawValue)")
        return true
    }
}
