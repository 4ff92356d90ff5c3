import Billing
import Contracts
import Documents
import Foundation
import Logging
import MoneyAndTime
import Outgoing
import Postgres
import Storage
import StrictJSON

/// The programs and words by which invoices are printed, which travel with the product.
enum TypstFiles {
    struct Unreadable: Error {
        let name: String
    }

    static func read(_ name: String) throws -> String {
        guard let text = try? String(contentsOf: folder.appending(path: name), encoding: .utf8)
        else { throw Unreadable(name: name) }
        return text
    }

    static func path(_ name: String) -> String {
        folder.appending(path: name).path(percentEncoded: false)
    }

    private static let folder = Bundle.module.bundleURL.appending(path: "Typst")
}

extension Market {
    /// Whether invoices can be had as PDF here.
    package var makesPDF: Bool { surroundings.typesetter != nil }

    /// The invoice as PDF/A-3b with its UBL document attached: the same bytes each time. Where no
    /// typst is set up, or it fails, it is refused (`pdfUnavailable`).
    package func invoicePDF(
        _ request: Request, _ id: InvoiceID, in language: TemplateLanguage
    ) async throws -> Document {
        let query = makesPDF ? StoredInvoice.downloaded(id, as: .pdf) : StoredInvoice.issued(id)
        guard let row = try await read(request, query).atMostOne() else {
            throw Refusal(.notFound)
        }
        guard let typesetter = surroundings.typesetter else { throw Refusal(.pdfUnavailable) }
        let issued = try IssuedInvoice(row: row)
        do {
            return try await Document(
                bytes: typesetter.set(
                    TypstFiles.path("typeset.py"), issued.setting(in: language)),
                mediaType: "application/pdf", fileName: "\(issued.number).pdf")
        } catch let failure as OutsideProgram.Failure {
            logger.error(
                "an invoice could not be set as PDF",
                metadata: ["invoice": "\(id)", "problem": "\(failure)"])
            throw Refusal(.pdfUnavailable)
        }
    }
}

extension IssuedInvoice {
    /// What `typeset.py` reads.
    fileprivate func setting(in language: TemplateLanguage) throws -> [UInt8] {
        let all = try JSON.parse(Array(TypstFiles.read("words.json").utf8))
        guard let words = all[language.rawValue] else {
            throw TypstFiles.Unreadable(name: language.rawValue)
        }
        let printed = try PrintedInvoice(facts, words: words)
        let setting: JSON = [
            "template": JSON(try TypstFiles.read("invoice.typ")),
            "words": JSON(words.compactText), "invoice": JSON(printed.json.compactText),
            "ubl": JSON(Data(document).base64EncodedString()),
            "at": JSON(createdAt.microseconds / 1_000_000),
        ]
        return Array(setting.compactText.utf8)
    }
}
