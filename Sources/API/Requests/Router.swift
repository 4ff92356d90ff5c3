/// Finds the operation of a method and a path. Of our own, because an unknown path is a 404 and a
/// known path with another method a 405 that names the methods (RFC 9110 §15.5.6).
package struct Router: Sendable {
    package enum Outcome: Hashable, Sendable {
        case found(Operation, PathParameters)
        case methodNotAllowed(allowed: [String])
        case pathUnknown
    }

    private struct Route: Sendable {
        let template: PathTemplate
        var operations: [Operation.Method: Operation]

        /// HEAD is GET without the body (RFC 9110 §9.3.2).
        var allowed: [String] {
            operations.keys.map(\.rawValue).sorted()
                + (operations[.get] == nil ? [] : ["HEAD"])
        }
    }

    private var routes: [Int: [Route]] = [:]

    package init(_ operations: [Operation] = Operation.allCases) {
        for operation in operations {
            let template = PathTemplate(operation.path)
            var same = routes[template.segments.count, default: []]
            if let known = same.firstIndex(where: { $0.template == template }) {
                same[known].operations[operation.method] = operation
            } else {
                same.append(Route(template: template, operations: [operation.method: operation]))
            }
            routes[template.segments.count] = same
        }
    }

    /// `path` is the path alone, still percent-encoded.
    package func route(method: String, path: Substring) -> Outcome {
        guard path.first == "/" else { return .pathUnknown }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for route in routes[segments.count, default: []] {
            guard let parameters = route.template.match(segments) else { continue }
            let asked = method == "HEAD" ? "GET" : method
            if let operation = Operation.Method(rawValue: asked).flatMap({ route.operations[$0] }) {
                return .found(operation, parameters)
            }
            return .methodNotAllowed(allowed: route.allowed)
        }
        return .pathUnknown
    }
}

/// A path such as `/v1/units/{unit}`, cut into its segments.
struct PathTemplate: Hashable, Sendable {
    enum Segment: Hashable, Sendable {
        case literal(String)
        case parameter(String)
    }

    let segments: [Segment]

    init(_ path: String) {
        segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            $0.first == "{" && $0.last == "}"
                ? .parameter(String($0.dropFirst().dropLast())) : .literal(String($0))
        }
    }

    /// The parameters' values, or nil when the path is another. A value is never empty.
    func match(_ path: [Substring]) -> PathParameters? {
        guard path.count == segments.count else { return nil }
        var values: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            switch segment {
            case .literal(let wanted):
                guard text == wanted else { return nil }
            case .parameter(let name):
                guard !text.isEmpty, let decoded = PercentEncoding.decode(text) else { return nil }
                values[name] = decoded
            }
        }
        return PathParameters(values: values)
    }
}

/// The values of the parameters in a path, decoded and never empty.
package struct PathParameters: Hashable, Sendable {
    private let values: [String: String]

    init(values: [String: String]) {
        self.values = values
    }

    package subscript(name: String) -> String? { values[name] }
}
