import StrictJSON

/// What a use case returns: the body as JSON, the revision where the thing can be edited or read
/// again unchanged (the API's ETag), and the path of what was made.
package struct Answer: Hashable, Sendable {
    package var body: JSON
    package var revision: Int64?
    package var location: String?

    package init(_ body: JSON, revision: Int64? = nil, location: String? = nil) {
        self.body = body
        self.revision = revision
        self.location = location
    }

    /// Of what changes with time or with other things too: its revision alone does not tell.
    var withoutRevision: Answer { Answer(body, location: location) }
}
