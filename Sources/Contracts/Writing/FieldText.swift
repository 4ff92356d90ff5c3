import StrictJSON

/// What a field shows of a value, and the value that was typed. What cannot be the value that it
/// should be stays as it was typed, as a text: so nothing is lost, and the reader of contracts says
/// what is wrong with it.
package struct FieldText: Hashable, Sendable {
    /// Whether decimals have a comma, as in Finnish and Swedish.
    package let hasDecimalComma: Bool

    package init(hasDecimalComma: Bool) {
        self.hasDecimalComma = hasDecimalComma
    }

    /// Empty where there is no value.
    package func shown(_ value: JSON?, as shape: ContractShape) -> String {
        switch (value, shape) {
        case (nil, _): ""
        case (.string(let text)?, .text(let writing))
        where writing.isDecimal && hasDecimalComma:
            text.replacing(".", with: ",")
        case (.string(let text)?, _): text
        case (.number(let number)?, _): number.text
        case (.array(let elements)?, .texts) where elements.allSatisfy({ $0.text != nil }):
            elements.compactMap(\.text).joined(separator: ", ")
        case (let value?, _): value.compactText
        }
    }

    /// Nil where nothing was typed.
    package func read(_ typed: String, as shape: ContractShape) -> JSON? {
        let text = typed.trimmed
        if text.isEmpty { return nil }
        switch shape {
        case .number:
            let digits = text.withoutBlanks
            guard let number = Int64(digits), "\(number)" == digits else { return JSON(text) }
            return JSON(number)
        case .flag: return text == "true" ? true : text == "false" ? false : JSON(text)
        case .texts:
            let parts = text.split(separator: ",").map { String($0).trimmed }
            return .array(parts.filter { !$0.isEmpty }.map { JSON($0) })
        case .text(let writing): return JSON(Self.written(text, as: writing, decimal))
        case .choice, .choices, .object, .list: return JSON(text)
        }
    }

    /// As documents have it, where it is clear what is meant: `61,2` euros are `61.20`, and `8.30`
    /// is a time.
    private static func written(
        _ text: String, as writing: ContractShape.Writing, _ decimal: (String) -> String
    ) -> String {
        switch writing {
        case .percent, .minutes, .unitPrice: decimal(text)
        case .money, .signedMoney: decimal(text).withCents
        case .timeOfDay, .endOfTime: text.asTimeOfDay
        case .localTime: text.replacing(" ", with: "T")
        case .line, .words, .slug, .date, .other: text
        }
    }

    private func decimal(_ text: String) -> String {
        let plain = text.withoutBlanks.replacing("\u{2212}", with: "-")
            .replacing("€", with: "").replacing("%", with: "")
        let number = hasDecimalComma ? plain.replacing(",", with: ".") : plain
        // Whatever is no number stays as it was typed, blanks and all.
        return JSONNumber(text: number) == nil ? text : number
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }

    fileprivate var withoutBlanks: String { filter { !$0.isWhitespace } }

    fileprivate var isDigits: Bool {
        !isEmpty && utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// `61` and `61.2` with two decimals; everything else as it is.
    fileprivate var withCents: String {
        let parts = split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard (parts[0].first == "-" ? String(parts[0].dropFirst()) : parts[0]).isDigits else {
            return self
        }
        if parts.count == 1 { return self + ".00" }
        return parts.count == 2 && parts[1].isDigits && parts[1].count == 1 ? self + "0" : self
    }

    /// `8.30`, `8:30` and `08.30` as `08:30`; everything else as it is.
    fileprivate var asTimeOfDay: String {
        let parts = split(omittingEmptySubsequences: false) { $0 == "." || $0 == ":" }
            .map(String.init)
        guard parts.count == 2, parts.allSatisfy(\.isDigits), parts[1].count == 2,
            (1...2).contains(parts[0].count)
        else { return self }
        return (parts[0].count == 1 ? "0" : "") + parts.joined(separator: ":")
    }
}
