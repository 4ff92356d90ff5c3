import FoundationEssentials

/// How a private cluster that runs is reached: through its Unix socket.
package struct ClusterAddress: Sendable, Hashable {
    let socket: String

    /// A connection string of libpq for one of the cluster's databases.
    package func connectionString(
        database: String = "postgres", user: String = "postgres"
    ) -> String {
        func quoted(_ text: String) -> String {
            let escaped = text.map { "\\'".contains($0) ? "\\\($0)" : "\($0)" }
            return "'\(escaped.joined())'"
        }
        return "host=\(quoted(socket)) port=5432 dbname=\(quoted(database)) user=\(quoted(user))"
    }

    /// The cluster made for this folder, while a server runs on it; nil when none does. For a
    /// program beside the one that has started it.
    package static func find(for folder: URL) async throws -> ClusterAddress? {
        guard try await PrivateCluster.isMade(for: folder) else { return nil }
        let place = try await ClusterFolder.choose(folder) { _ in }
        guard let server = Postmaster(data: place.data), server.isReady,
            server.isAlive(data: place.data)
        else { return nil }
        return ClusterAddress(socket: server.socket)
    }
}
