/// The words of a cursor made of several; throws `InvalidInput` where there are not so many.
func cursorParts(_ text: String, _ count: Int) throws -> [String] {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == count else {
        throw InvalidInput(
            pointer: "/cursor", code: "pattern", message: "not a cursor of this list")
    }
    return parts
}
