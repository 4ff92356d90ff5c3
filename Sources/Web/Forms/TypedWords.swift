import MoneyAndTime
import StrictJSON

extension FieldErrors {
    /// What was typed for others to read; nil where it is nothing, which is an error if it then is
    /// called missing, and nil with an entry where it is `tooLong` or holds what looks like a
    /// personal identity code.
    mutating func words(
        _ field: String, _ typed: String?, max: Int, tooLong: String, missing: String? = nil
    ) -> String? {
        guard let typed else {
            if let missing { add(field, missing) }
            return nil
        }
        if PersonalIdentityCode.looksLike(typed) {
            add(field, "error_words_identity_code")
        } else if typed.count > max {
            add(field, tooLong)
        } else {
            return typed
        }
        return nil
    }

    /// An amount above zero as it was typed; nil with an entry where it is none.
    mutating func amount(_ field: String, _ typed: String?, _ text: String) -> Money? {
        read(field, text) { () throws -> Money in
            let amount = try Money(typed: typed ?? "")
            guard amount > .zero else { throw InvalidLink() }
            return amount
        }
    }
}

extension Money {
    /// As people type it, with a decimal comma or point.
    init(typed text: String) throws {
        try self.init(decimal: text.replacing(",", with: "."))
    }
}

extension Visitor {
    /// An amount of an answer as its reader would type it.
    func typed(_ amount: JSON?) -> String {
        let decimal = amount?.text ?? ""
        return language == .english ? decimal : decimal.replacing(".", with: ",")
    }
}
