import Organisations
import StrictJSON

/// Which claim carries a person's roles, and which of its values stand for which of ours.
package struct RoleMapping: Hashable, Sendable {
    package enum Malformed: Error, Hashable, CustomStringConvertible {
        case claim, value, nothing, tooMany

        package var description: String {
            switch self {
            case .claim: "must be the name of a claim, of 1 to 100 visible characters"
            case .value: "must be values of 1 to 200 characters in one line"
            case .nothing: "must name a value for one role at least"
            case .tooMany: "must name at most \(RoleMapping.mostValues) values for a role"
            }
        }
    }

    package static let mostValues = 50

    package let claim: String
    package let values: [Role: Set<String>]

    package init(claim: String, values: [Role: Set<String>]) throws(Malformed) {
        guard (1...100).contains(claim.utf8.count),
            claim.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .claim }
        guard values.values.contains(where: { !$0.isEmpty }) else { throw .nothing }
        for listed in values.values {
            guard listed.count <= Self.mostValues else { throw .tooMany }
            guard listed.allSatisfy(Self.isPlain) else { throw .value }
        }
        self.claim = claim
        self.values = values.filter { !$0.value.isEmpty }
    }

    private static func isPlain(_ value: String) -> Bool {
        (1...200).contains(value.unicodeScalars.count)
            && value.unicodeScalars.allSatisfy {
                !(0...0x1F).contains($0.value) && !(0x7F...0x9F).contains($0.value)
            }
    }

    func roles(of value: String) -> [Role] {
        Role.allCases.filter { values[$0]?.contains(value) == true }
    }

    // MARK: As it is stored and told

    package var valuesJSON: JSON {
        .object(
            JSONObject(
                Role.allCases.compactMap { role in
                    values[role].map { listed -> (String, JSON) in
                        (role.rawValue, .array(listed.sorted().map { JSON($0) }))
                    }
                }))
    }

    package init(claim: String, storedValues json: JSON) throws(Malformed) {
        var values: [Role: Set<String>] = [:]
        for role in Role.allCases {
            values[role] = Set((json[role.rawValue]?.elements ?? []).compactMap(\.text))
        }
        try self.init(claim: claim, values: values)
    }
}
