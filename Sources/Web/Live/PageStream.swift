import Hummingbird

/// An answer that is written as it comes, for as long as its page is open.
protocol PageStream: Sendable {
    func write(to writer: inout any ResponseBodyWriter) async throws
}
