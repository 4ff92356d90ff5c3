import MoneyAndTime
import StrictJSON
import Testing

@testable import Contracts

@Suite("What a version changes")
struct ChangesTests {
    private static let names = [
        "psychiatrist-remote-visit", "physician-remote-reception", "psychologist-series",
    ]

    private static func change(
        _ edits: [String: JSON?]
    ) throws -> [ContractChange] {
        let old = try Example.psychiatrist().json
        let new = edits.reduce(old) { $0.setting($1.key, to: $1.value) }
        return ContractChanges.between(old, new)
    }

    @Test("a price, by the code of its service")
    func aPrice() throws {
        let code = try Example.psychiatrist().terms.rateCard.services[0].code
        #expect(try Self.change([:]).isEmpty)
        let changes = try Self.change(["services/0/price_per_minute": "4.00"])
        #expect(
            changes == [
                ContractChange(
                    path: ["services", code, "price_per_minute"], kind: .changed, from: "3.60",
                    to: "4.00")
            ])
        #expect(changes[0].pointer == "/services/\(code)/price_per_minute")
    }

    @Test("what is new, what is gone, and bands by their hours, in the order of the form")
    func addedAndRemoved() throws {
        let changes = try Self.change([
            "termination": ["notice_days": 30], "no_show": nil,
            "cancellation/buyer": [
                ["notice_hours": 48, "fee_percent": "0"], ["notice_hours": 0, "fee_percent": "80"],
            ],
        ])
        let pointers = changes.map(\.pointer)
        #expect(pointers.first == "/cancellation/buyer/48")
        #expect(pointers.contains("/cancellation/buyer/0/fee_percent"))
        #expect(changes.last?.path == ["termination"] && changes.last?.kind == .added)
        #expect(changes.last?.from == nil && changes.last?.to == ["notice_days": 30])
        if let removed = changes.first(where: { $0.path == ["no_show"] }) {
            #expect(removed.kind == .removed && removed.to == nil)
        }
    }

    @Test("the same things in another order")
    func reordered() {
        func document(_ codes: [String]) -> JSON {
            ["discounts": .array(codes.map { ["code": JSON($0), "percent": "5"] })]
        }
        let changes = ContractChanges.between(document(["a", "b"]), document(["b", "c", "a"]))
        #expect(
            changes == [
                ContractChange(
                    path: ["discounts", "c"], kind: .added, from: nil,
                    to: ["code": "c", "percent": "5"]),
                ContractChange(
                    path: ["discounts"], kind: .reordered, from: ["a", "b", "c"],
                    to: ["b", "c", "a"]),
            ])
    }

    @Test("the old document with the changes is the new one, for thousands of pairs")
    func nothingIsLost() throws {
        let documents = try Self.names.map { try Example.document($0).json }
        var random = Mutation(random: SplitMix64(seed: 20_270_301))
        var kinds: Set<ContractChange.Kind> = []
        var most = 0
        for number in 0..<4_000 {
            let start = documents[number % documents.count]
            var (old, new) = (start, start)
            for _ in 0..<Int.random(in: 0...4, using: &random.random) { old = random.apply(old) }
            for _ in 0..<Int.random(in: 1...6, using: &random.random) { new = random.apply(new) }
            if number % 50 == 0 { new = documents[(number / 50 + 1) % documents.count] }
            let changes = ContractChanges.between(old, new)
            #expect((old == new) == changes.isEmpty)
            #expect(try changes.reduce(old) { try $1.applied(to: $0) } == new, "pair \(number)")
            #expect(Set(changes.map { "\($0.pointer) \($0.kind)" }).count == changes.count)
            kinds.formUnion(changes.map(\.kind))
            most = max(most, changes.count)
        }
        #expect(kinds == Set(ContractChange.Kind.allCases) && most > 20)
    }
}

// MARK: - Applying a change, and making a document another

extension ContractChange {
    private struct Lost: Error {}

    /// Written from what a change says, and not from how it is found.
    fileprivate func applied(to json: JSON) throws -> JSON {
        try Self.put(self, path[...], in: json, of: "")
    }

    private static func put(
        _ change: ContractChange, _ path: ArraySlice<String>, in json: JSON, of list: String
    ) throws -> JSON {
        guard let step = path.first else {
            switch change.kind {
            case .reordered:
                guard let elements = json.elements, let order = change.to?.elements else {
                    throw Lost()
                }
                return .array(
                    try order.map { name in
                        guard
                            let element = elements.first(where: {
                                ContractChanges.name(of: $0, in: list) == name.text
                            })
                        else { throw Lost() }
                        return element
                    })
            default:
                guard let to = change.to, json == change.from else { throw Lost() }
                return to
            }
        }
        let rest = path.dropFirst()
        if case .object(var members) = json {
            members[step] = try value(change, rest, members[step], of: step)
            return .object(members)
        }
        guard var elements = json.elements else { throw Lost() }
        let place = elements.firstIndex { ContractChanges.name(of: $0, in: list) == step }
        let new = try value(change, rest, place.map { elements[$0] }, of: step)
        switch (place, new) {
        case (let place?, let new?): elements[place] = new
        case (let place?, nil): elements.remove(at: place)
        case (nil, let new?): elements.append(new)
        case (nil, nil): throw Lost()
        }
        return .array(elements)
    }

    private static func value(
        _ change: ContractChange, _ rest: ArraySlice<String>, _ old: JSON?, of name: String
    ) throws -> JSON? {
        if rest.isEmpty, change.kind == .removed {
            guard old == change.from else { throw Lost() }
            return nil
        }
        if rest.isEmpty, change.kind == .added {
            guard old == nil else { throw Lost() }
            return change.to
        }
        guard let old else { throw Lost() }
        return try put(change, rest, in: old, of: name)
    }
}

/// One thing of a document made another, wherever it is.
private struct Mutation {
    var random: SplitMix64

    mutating func apply(_ json: JSON) -> JSON {
        let isHere = Int.random(in: 0..<4, using: &random) == 0
        switch json {
        case .object(var members):
            guard let key = members.keys.randomElement(using: &random) else { return json }
            if isHere, Bool.random(using: &random) {
                members[key] = nil
            } else if isHere {
                members["new_\(Int.random(in: 0..<3, using: &random))"] = members[key]
            } else {
                members[key] = members[key].map { apply($0) }
            }
            return .object(members)
        case .array(var elements):
            guard let place = elements.indices.randomElement(using: &random) else { return json }
            guard isHere else {
                elements[place] = apply(elements[place])
                return .array(elements)
            }
            switch Int.random(in: 0..<3, using: &random) {
            case 0: elements.remove(at: place)
            case 1: elements.shuffle(using: &random)
            default: elements.insert(apply(elements[place]), at: 0)
            }
            return .array(elements)
        default:
            return JSON("\(Int.random(in: 0..<9, using: &random))")
        }
    }
}
