import MoneyAndTime
import StrictJSON

/// What is wrong with a document, as far as it can be told one by one: each value by itself, and
/// each part by its own rules. Who agrees on a document hears of the first; who writes it wants to
/// know of the others, too.
package struct ContractProblems {
    private var found: [ContractProblem]
    private let shape: ContractShape

    /// In the order of the form; none for a contract. What one part makes of another is told when
    /// both are right by themselves.
    package static func all(in json: JSON) throws -> [ContractProblem] {
        let first: ContractProblem
        do throws(ContractProblem) {
            _ = try TermsReader.read(json)
            return []
        } catch {
            first = error
        }
        var problems = Self(found: [first], shape: try ContractShape.ofContract())
        problems.walk(json, problems.shape, at: .root)
        problems.readParts(of: json)
        return problems.found.sorted {
            problems.rank($0).lexicographicallyPrecedes(problems.rank($1))
        }
    }

    private mutating func add(_ problem: ContractProblem) {
        if !found.contains(where: { $0.pointer == problem.pointer }) { found.append(problem) }
    }

    private mutating func note(_ read: () throws -> Void) {
        do {
            try read()
        } catch let problem as ContractProblem {
            add(problem)
        } catch let problem as JSONProblem {
            add(ContractProblem(problem))
        } catch {
            // another fault than one of the document: the first problem says it
        }
    }

    /// The places of its members in the shape, from the outermost to the innermost.
    private func rank(_ problem: ContractProblem) -> [Int] {
        var (inner, rank): (ContractShape?, [Int]) = (shape, [])
        for token in JSONPointer(reading: problem.pointer)?.tokens ?? [] {
            let place = inner?.members.firstIndex { $0.key == token }
            rank.append(place ?? JSON.index(token) ?? .max)
            inner = inner?.at([token])
        }
        return rank
    }

    // MARK: Each value by itself

    private mutating func walk(_ value: JSON, _ shape: ContractShape, at pointer: JSONPointer) {
        switch shape {
        case .object(let members):
            guard let object = value.members else {
                return add(ContractProblem(.wrongType, at: pointer, "must be an object"))
            }
            for member in members {
                let place = pointer.appending(member.key)
                guard let inner = object[member.key] else {
                    let isMissing = ContractProblem(.missing, at: place, "is required")
                    if member.isRequired { add(isMissing) }
                    continue
                }
                if member.shape.isLeaf {
                    let only = JSONReader(.object([member.key: inner]), at: pointer)
                    note { try only.object { try $0.read(member.key, as: member.shape) } }
                } else {
                    walk(inner, member.shape, at: place)
                }
            }
            for key in object.keys where !members.contains(where: { $0.key == key }) {
                let place = pointer.appending(key)
                add(ContractProblem(.unknownField, at: place, "is not a known field"))
            }
        case .list(let element, _):
            guard let elements = value.elements else {
                return add(ContractProblem(.wrongType, at: pointer, "must be an array"))
            }
            for (index, inner) in elements.enumerated() {
                walk(inner, element, at: pointer.appending(index))
            }
        case .texts, .choices, .choice, .flag, .number, .text: break
        }
    }

    // MARK: Each part by its own rules

    private mutating func readParts(of json: JSON) {
        let parts: [(String, (inout JSONFields) throws -> Void)] = [
            ("seller", { _ = try Party(reading: &$0, as: .seller) }),
            ("buyer", { _ = try Party(reading: &$0, as: .buyer) }),
            ("validity", { _ = try Validity(reading: &$0) }),
            ("renewal", { _ = try RenewalTerms(reading: &$0) }),
            ("commitment", { _ = try Commitment(reading: &$0) }),
            ("cancellation", { _ = try CancellationTerms(reading: &$0) }),
            ("no_show", { _ = try NoShowTerms(reading: &$0) }),
            ("late_start", { _ = try LateStartTerms(reading: &$0) }),
            ("technical_failure", { _ = try TechnicalFailureTerms(reading: &$0) }),
            ("records", { _ = try RecordsTerms(reading: &$0) }),
            ("limits", { _ = try BookingLimits(reading: &$0) }),
            ("handshake", { _ = try HandshakeTerms(reading: &$0) }),
            ("data_protection", { _ = try DataProtectionTerms(reading: &$0) }),
        ]
        for (key, read) in parts {
            guard let part = json[key] else { continue }
            note { try JSONReader(part, at: .root.appending(key)).object(read) }
        }
        if let services = json["services"] {
            let rateCard = JSONReader(["services": services])
            note { try rateCard.object { _ = try RateCard(reading: &$0) } }
        }
    }
}

extension JSONFields {
    /// Reads a value of one field by the rules that hold for it wherever it stands.
    fileprivate mutating func read(_ key: String, as shape: ContractShape) throws {
        switch shape {
        case .flag: _ = try bool(key)
        case .number(let range): _ = try integer(key, in: range)
        case .choice(let values): try required(key).requireOne(of: values)
        case .choices(let values): _ = try array(key, max: .max) { try $0.requireOne(of: values) }
        case .texts: _ = try array(key, max: .max) { try $0.line() }
        case .text(let writing): try read(key, written: writing)
        case .object, .list: break
        }
    }

    private mutating func read(_ key: String, written: ContractShape.Writing) throws {
        switch written {
        case .line: _ = try line(key)
        case .words: _ = try line(key, max: 1_000)
        case .slug: _ = try slug(key)
        case .date: _ = try date(key)
        case .minutes: _ = try form(key, .minutes, "minutes such as 12.6", max: 9, Form.minutes)
        case .money: _ = try amount(key)
        case .signedMoney: _ = try amount(key, signed: true)
        case .unitPrice: _ = try unitPrice(key)
        case .timeOfDay: _ = try timeOfDay(key)
        case .endOfTime: _ = try timeOfDay(key, isEnd: true)
        case .percent where key != "late_interest": _ = try percent(key)
        case .other: try readIdentifier(key)
        // by the rules of the part where they stand
        case .percent, .localTime: _ = optional(key)
        }
    }

    private mutating func readIdentifier(_ key: String) throws {
        switch key {
        case "organisation": _ = try organisation(key)
        case "business_id": _ = try businessID(key)
        case "vat_id": _ = try vatID(key)
        case "ovt": _ = try ovt(key)
        case "iban": _ = try iban(key)
        case "email": _ = try email(key)
        case "postal_code": _ = try postalCode(key)
        case "country": _ = try country(key)
        case "organisation_oid": _ = try organisationOID(key)
        case "e_invoice_operator": _ = try eInvoiceOperator(key)
        default: _ = optional(key)
        }
    }
}

extension JSONReader {
    fileprivate func requireOne(of values: [String]) throws {
        let text = try string(max: .max)
        guard values.contains(text) else {
            throw problem(.unknownValue, "must be one of \(values.joined(separator: ", "))")
        }
    }
}
