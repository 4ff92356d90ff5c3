enum VisitHandlers {
    static func getHandshake(_ call: Call) async throws -> Reply { throw Problem(.internalError) }
    static func sendHandshakeMessage(_ call: Call) async throws -> Reply {
        throw Problem(.internalError)
    }
    static func issueJoinToken(_ call: Call) async throws -> Reply { throw Problem(.internalError) }
    static func getVisit(_ call: Call) async throws -> Reply { throw Problem(.internalError) }
    static func attestMinutes(_ call: Call) async throws -> Reply { throw Problem(.internalError) }
    static func recordAttendance(_ call: Call) async throws -> Reply {
        throw Problem(.internalError)
    }
}
