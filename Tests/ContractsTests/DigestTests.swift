import StrictJSON
import Testing

@testable import Contracts

@Suite("Canonical bytes and digest")
struct DigestTests {
    @Test("The digest does not depend on the order of members, nor on spaces")
    func keyOrder() throws {
        let document = try Example.psychiatrist()
        var generator = SplitMix64(seed: 3)
        for _ in 0..<20 {
            let shuffled = Self.shuffled(document.json, &generator)
            let read = try ContractDocument(reading: shuffled.write())
            #expect(read.digest == document.digest)
            #expect(read.canonical == document.canonical)
        }
    }

    @Test("The digest changes with each single value")
    func eachValue() throws {
        let document = try Example.psychiatrist()
        var digests: Set = [document.digest]
        let changed = Self.changes(of: document.json)
        for json in changed {
            digests.insert(ContractDigest(of: try json.canonical()))
        }
        #expect(changed.count > 100)
        #expect(digests.count == changed.count + 1)
    }

    @Test("A digest is SHA-256 in lower-case hexadecimal")
    func hex() throws {
        let abc = ContractDigest(of: Array("abc".utf8))
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(abc.hex == hex)
        #expect(ContractDigest(hex: hex) == abc)
        for wrong in ["", String(hex.dropLast()), hex.uppercased(), hex.replacing("b", with: "g")] {
            #expect(ContractDigest(hex: wrong) == nil)
        }
    }

    private static func shuffled(_ json: JSON, _ generator: inout SplitMix64) -> JSON {
        switch json {
        case .object(let object):
            var members: [(String, JSON)] = []
            for (key, value) in object { members.append((key, shuffled(value, &generator))) }
            return .object(JSONObject(members.shuffled(using: &generator)))
        case .array(let elements):
            return .array(elements.map { shuffled($0, &generator) })
        default: return json
        }
    }

    /// Copies that each differ in one leaf.
    private static func changes(of json: JSON) -> [JSON] {
        switch json {
        case .null: return [true]
        case .bool(let flag): return [.bool(!flag)]
        case .number(let number): return [JSON((number.int64 ?? 0) + 1)]
        case .string(let text): return [JSON(text + "0")]
        case .array(let elements):
            return elements.indices.flatMap { index in
                changes(of: elements[index]).map { change in
                    var copy = elements
                    copy[index] = change
                    return JSON.array(copy)
                }
            }
        case .object(let object):
            return object.flatMap { key, value in
                changes(of: value).map { change in
                    var copy = object
                    copy[key] = change
                    return JSON.object(copy)
                }
            }
        }
    }
}
