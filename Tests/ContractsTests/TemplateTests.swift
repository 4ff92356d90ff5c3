import MoneyAndTime
import StrictJSON
import Testing

@testable import Contracts

@Suite("Templates")
struct TemplateTests {
    @Test("Every template, filled, is a contract whose worked examples hold")
    func filled() throws {
        let templates = try ContractFiles.templates()
        #expect(templates.count >= 13)
        for template in templates {
            let example = try Example.document(template.name).terms
            let document = try template.filled(
                seller: example.seller, buyer: example.buyer, validity: example.validity,
                buyerReference: "HC-1", orderReference: "PO-1")
            try document.requireExamplesHold()
            #expect(document.terms.seller == example.seller)
            #expect(document.terms.buyer == example.buyer)
            #expect(document.terms.validity == example.validity)
            #expect(document.terms.billing.buyerReference == "HC-1")
            #expect(document.terms.billing.orderReference == "PO-1")
            #expect(document.terms.title == template.title)
            #expect(document.json["template"] == nil)
            let results = try WorkedExample.recompute(all: document.terms)
            #expect(results.count == document.terms.workedExamples.count)
            #expect(!results.map(\.holds).contains(false))
        }
    }

    @Test("A template has its file's name, and is not a contract itself")
    func names() throws {
        for name in try ContractFiles.names(in: "v1/templates") {
            let bytes = try ContractFiles.read("v1/templates/\(name)")
            #expect("\(try ContractTemplate(reading: bytes).name).json" == name)
            let problem = #expect(throws: ContractProblem.self) {
                try ContractDocument(reading: bytes)
            }
            #expect(problem?.rule == .templateUnfilled)
        }
        #expect(try ContractFiles.template("psychiatrist-remote-visit") != nil)
        #expect(try ContractFiles.template("unknown") == nil)
    }

    @Test("What is filled in is checked as in any contract")
    func filledWrongly() throws {
        let example = try Example.psychiatrist().terms
        let template = try #require(try ContractFiles.template("psychiatrist-remote-visit"))
        let sameParty = #expect(throws: ContractProblem.self) {
            try template.filled(
                seller: example.seller, buyer: example.seller, validity: example.validity,
                buyerReference: "HC-1")
        }
        #expect(sameParty?.rule == .sameOrganisation)
        let noReference = #expect(throws: ContractProblem.self) {
            try template.filled(
                seller: example.seller, buyer: example.buyer, validity: example.validity,
                buyerReference: "")
        }
        #expect(noReference?.pointer == "/billing/buyer_reference")
        let noAccount = #expect(throws: ContractProblem.self) {
            try template.filled(
                seller: example.buyer, buyer: example.seller, validity: example.validity,
                buyerReference: "HC-1")
        }
        #expect(noAccount?.rule == .missing)
        #expect(noAccount?.pointer == "/seller/iban")
    }

    @Test("The title of a worked example says what happens, and not what it comes to")
    func titles() throws {
        // what a change of terms makes untrue: sums, prices, shares and what is billed
        let result = /\d[.,]\d\d(?!\d)|%|€|: |\bfree\b|\bquote\b|\bhalf of\b|nothing|\bcosts?\b/
        for template in try ContractFiles.templates() {
            let examples = template.json["worked_examples"]?.elements ?? []
            #expect(!examples.isEmpty)
            for title in examples.compactMap({ $0["title"]?.text }) {
                #expect(title.firstMatch(of: result) == nil, "\(template.name): \(title)")
            }
        }
    }

    @Test("A worked example that differs is shown with what was computed")
    func differing() throws {
        let json = try Example.psychiatrist().json
            .setting("/worked_examples/1/lines/0/minutes", to: "17")
        let terms = try ContractDocument(json).terms
        let results = try WorkedExample.recompute(all: terms)
        #expect(results.map(\.holds) == [true, false, true, true, true, true, true])
        #expect(results[1].computed.first?.minutes == "18")
        #expect(results[1].example.expected.first?.minutes == "17")
    }

    @Test("A file that is not there is an error with its path")
    func unreadable() {
        #expect(throws: ContractFiles.Unreadable(path: "v1/none.json")) {
            try ContractFiles.read("v1/none.json")
        }
        #expect(throws: ContractFiles.Unreadable(path: "v9")) {
            try ContractFiles.names(in: "v9")
        }
    }
}
