/// The parameters behind the question mark, each at most once and each one that the operation
/// knows. A problem names its parameter and never repeats its value.
package struct QueryParameters: Sendable {
    private let values: [String: String]

    package init(_ query: Substring?, known: [String]) throws(Problem) {
        var values: [String: String] = [:]
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0], plusIsSpace: true),
                let value = PercentEncoding.decode(
                    parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else {
                throw Problem(.malformedRequest, "The query is not percent-encoded UTF-8.")
            }
            guard known.contains(name) else {
                throw Problem(
                    .parameterUnknown, "This operation has no such query parameter.",
                    parameter: String(name.prefix(100)))
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw Problem(
                    .parameterInvalid, "The parameter is there twice.", parameter: name)
            }
        }
        self.values = values
    }

    package func optionalText(_ name: String, max: Int = 200) throws(Problem) -> String? {
        guard let value = values[name] else { return nil }
        guard !value.isEmpty, value.count <= max else {
            throw invalid(name, "The value must have 1 to \(max) characters.")
        }
        guard !value.unicodeScalars.contains("\0") else {
            throw invalid(name, "The character U+0000 is not allowed.")
        }
        return value
    }

    /// `parse` throws an error whose description says what is wrong, in a sentence for outside.
    package func optionalParsed<Value>(
        _ name: String, _ parse: (String) throws -> Value
    ) throws(Problem) -> Value? {
        guard let text = try optionalText(name) else { return nil }
        do {
            return try parse(text)
        } catch {
            throw invalid(name, "The value cannot be read: \(error).")
        }
    }

    package func parsed<Value>(
        _ name: String, _ parse: (String) throws -> Value
    ) throws(Problem) -> Value {
        guard let value = try optionalParsed(name, parse) else { throw missing(name) }
        return value
    }

    package func optionalInteger(
        _ name: String, in range: ClosedRange<Int64>
    ) throws(Problem) -> Int64? {
        guard let text = try optionalText(name) else { return nil }
        guard let value = Int64(text), range.contains(value), text.first != "+" else {
            throw invalid(
                name,
                "The value must be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return value
    }

    package func integer(_ name: String, in range: ClosedRange<Int64>) throws(Problem) -> Int64 {
        guard let value = try optionalInteger(name, in: range) else { throw missing(name) }
        return value
    }

    package func optionalEnumeration<Choice>(
        _ name: String, as _: Choice.Type = Choice.self
    ) throws(Problem) -> Choice? where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = try optionalText(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw invalid(name, "The value must be one of: \(choices).")
        }
        return choice
    }

    private func invalid(_ name: String, _ detail: String) -> Problem {
        Problem(.parameterInvalid, detail, parameter: name)
    }

    private func missing(_ name: String) -> Problem {
        Problem(.parameterMissing, "The query parameter is required.", parameter: name)
    }
}
