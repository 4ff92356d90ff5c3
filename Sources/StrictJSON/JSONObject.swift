/// The members of an object, in order, with unique keys. Order takes no part in equality.
/// Keys are compared as Swift compares strings, so two that differ only in Unicode
/// normalisation are one key: strictly read, they are duplicates.
package struct JSONObject: Sendable {
    private var members: [(String, JSON)] = []
    /// Where each key stands; kept only where there are too many to look through them, which for
    /// the few members of nearly every object is quicker than to hash.
    private var places: [String: Int] = [:]
    private static let mostLookedThrough = 16

    package init() {}

    /// Of two equal keys the later value is kept, at the earlier place.
    package init(_ members: [(String, JSON)]) {
        self.members.reserveCapacity(members.count)
        for (key, value) in members { self[key] = value }
    }

    package var keys: [String] { members.map(\.0) }
    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }

    /// In order, without a copy of each.
    func forEachMember(_ body: (_ key: String, _ value: JSON) throws -> Void) rethrows {
        for index in members.indices { try body(members[index].0, members[index].1) }
    }

    /// Adding nil removes the member; a new key goes to the end.
    package subscript(key: String) -> JSON? {
        get { place(of: key).map { members[$0].1 } }
        set {
            switch (place(of: key), newValue) {
            case (let place?, let value?):
                members[place].1 = value
            case (nil, let value?):
                members.append((key, value))
                if members.count > Self.mostLookedThrough { index(key) }
            case (let place?, nil):
                members.remove(at: place)
                places = [:]
                if members.count > Self.mostLookedThrough { indexAll() }
            case (nil, nil):
                break
            }
        }
    }

    private func place(of key: String) -> Int? {
        members.count > Self.mostLookedThrough
            ? places[key] : members.firstIndex { $0.0 == key }
    }

    /// Of the member that came last; of all where it is the one too many.
    private mutating func index(_ key: String) {
        if places.isEmpty { indexAll() } else { places[key] = members.count - 1 }
    }

    private mutating func indexAll() {
        for (place, member) in members.enumerated() { places[member.0] = place }
    }
}

extension JSONObject: Hashable {
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.0] == $0.1 }
    }

    /// The same in whatever order the members stand.
    package func hash(into hasher: inout Hasher) {
        var all = 0
        for member in members {
            var one = Hasher()
            one.combine(member.0)
            one.combine(member.1)
            all ^= one.finalize()
        }
        hasher.combine(all)
    }
}

extension JSONObject: Sequence {
    package func makeIterator() -> some IteratorProtocol<(key: String, value: JSON)> {
        members.lazy.map { (key: $0.0, value: $0.1) }.makeIterator()
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Of a literal with few members the keys are not compared: a key that stands twice in it is a
    /// mistake of the program, which a debug build stops at.
    package init(dictionaryLiteral members: (String, JSON)...) { self.init(literal: members) }

    init(literal members: [(String, JSON)]) {
        guard members.count <= Self.mostLookedThrough else {
            self.init(members)
            return
        }
        self.init()
        assert(Set(members.map(\.0)).count == members.count, "a key stands twice")
        self.members = members
    }
}
