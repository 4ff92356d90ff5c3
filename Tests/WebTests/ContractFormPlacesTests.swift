import Contracts
import MoneyAndTime
import Organisations
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("The contract form has a field for every term that a contract has or can have")
struct ContractFormPlacesTests {
    private static let address = "/contracts/new/form"

    /// The places with a field in this document, and those of the terms and lists that it has not
    /// and could have.
    private struct Places {
        var fields: Set<String> = []
        var offers: Set<String> = []

        mutating func walk(_ document: JSON, _ shape: ContractShape, _ place: [String] = []) {
            let pointer = place.reduce(JSONPointer.root) { $0.appending($1) }.text
            switch shape {
            case .object(let members):
                for member in members {
                    let inner = place + [member.key]
                    if !member.shape.isLeaf, document[place: inner] == nil {
                        if !member.isRequired { offers.insert("\(pointer)/\(member.key)") }
                    } else {
                        walk(document, member.shape, inner)
                    }
                }
            case .list(let element, _):
                for index in (document[place: place]?.elements ?? []).indices {
                    walk(document, element, place + ["\(index)"])
                }
            // one value is nothing to choose
            case .choice(let values) where values.count == 1: break
            default:
                let isOfGroups = place.last == "capacity" && document[place: place] == nil
                // written for a contract by the market, or shown where there are groups
                if !isOfGroups { fields.insert(pointer) }
            }
        }
    }

    @Test("of every example, with all its lists opened")
    func everyPlace() async throws {
        let shape = try ContractShape.ofContract()
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.admin)
            let page = try await browser.get(
                "\(Self.address)?template=psychiatrist-remote-visit&side=seller"
                    + "&with=\(world.buyer.id)&first_day=2027-04-01&last_day=2028-03-31"
                    + "&buyer_reference=HC-1")
            for name in try ContractFiles.names(in: "v1/examples/valid") {
                let document = try JSON.parse(ContractFiles.read("v1/examples/valid/\(name)"))
                var expected = Places()
                expected.walk(document, shape)
                for unwritten in ["/template", "/format"] { expected.fields.remove(unwritten) }
                var form = try FilledForm(page, id: "contract")
                form["document"] = document.compactText
                for field in form.pairs where field.name.hasPrefix("/") { form[field.name] = nil }
                var (fields, offers): (Set<String>, Set<String>) = ([], [])
                for part in ContractSection.allCases where part != .document {
                    var shown = try await form.send(
                        browser, to: Self.address, by: "section:\(part.rawValue)")
                    while let closed = shown.body.firstMatch(of: /value="(open:[^"]*)"/) {
                        shown = try await FilledForm(shown, id: "contract").send(
                            browser, to: Self.address, by: String(closed.1))
                    }
                    form = try FilledForm(shown, id: "contract")
                    fields.formUnion(form.pairs.map(\.name).filter { $0.hasPrefix("/") })
                    offers.formUnion(
                        shown.body.matches(of: /value="add:([^"]*)"/).map { String($0.1) })
                }
                #expect(expected.fields.subtracting(fields).sorted() == [], "\(name)")
                #expect(expected.offers.subtracting(offers).sorted() == [], "\(name)")
                #expect(fields.subtracting(expected.fields).sorted() == [], "\(name)")
            }
        }
    }
}
