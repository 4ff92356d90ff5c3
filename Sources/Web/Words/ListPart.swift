/// A part of a long list, with links to the ones before and after it, so that no page outgrows the
/// weight that pages may have.
struct ListPart: Hashable {
    /// So many rows are in a part.
    static let rows = 100

    /// The first part is 1.
    let number: Int
    let count: Int

    /// The part of a list of `count` rows that an address names, or the first.
    init(_ named: String?, of count: Int) throws(InvalidLink) {
        let last = max(1, (count + Self.rows - 1) / Self.rows)
        guard let number = named.map({ Int($0) }) ?? 1, (1...last).contains(number) else {
            throw InvalidLink()
        }
        (self.number, self.count) = (number, count)
    }

    init(of count: Int, _ visitor: Visitor) throws(InvalidLink) {
        try self.init(visitor.request.query.text("part"), of: count)
    }

    /// Which rows of the list are shown.
    var range: Range<Int> { (number - 1) * Self.rows..<min(number * Self.rows, count) }

    /// What `list_part` shows under them; nil where one part has all. `address` is that of the
    /// page, up to where the part is named.
    func links(_ visitor: Visitor, address: String) -> [String: Any]? {
        guard count > Self.rows else { return nil }
        var links: [String: Any] = [
            "shown": visitor.say(
                "part_shown", "\(range.lowerBound + 1)", "\(range.upperBound)", "\(count)")
        ]
        if number > 1 { links["before"] = ["address": "\(address)part=\(number - 1)"] }
        if range.upperBound < count { links["after"] = ["address": "\(address)part=\(number + 1)"] }
        return links
    }
}
