import Testing

@testable import Web

@Suite("Words that are typed into a form")
struct WordsTypedTests {
    private func read(_ typed: String, max: Int = 20) -> (words: String?, errors: [String]) {
        var errors = FieldErrors()
        let fields = FormFields("reason=\(typed)&other=1".utf8)
        let words = errors.words(
            "reason", fields.text("reason"), max: max, tooLong: "too_long")
        return (words, errors.entries.map(\.text))
    }

    @Test(
        "what nobody sees is left out, lines end as elsewhere",
        arguments: [
            ("a%00b", "ab"), ("a%1Bb%7F%C2%85", "ab"), ("one%0D%0Atwo%09x", "one\ntwo\tx"),
            ("%EF%BF%BEa%EF%BF%BF", "a"), ("+%C3%A4+", "ä"),
        ])
    func readable(typed: String, words: String) {
        let read = read(typed)
        #expect(read.words == words && read.errors.isEmpty)
    }

    @Test("nothing is no error; what is too long, or names a person by its code, is one")
    func refused() {
        #expect(read("").words == nil && read("").errors.isEmpty)
        #expect(read("%00%01").words == nil && read("%00%01").errors.isEmpty)
        #expect(read("123456", max: 5).errors == ["too_long"])
        let code = read("for+131052-308T")
        #expect(code.words == nil && code.errors == ["error_words_identity_code"])
    }
}
