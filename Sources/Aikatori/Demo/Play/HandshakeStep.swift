import MoneyAndTime
import StrictJSON

extension Scene {
    /// The two programs agree on the video session, at another time than was booked.
    func agree(on booking: String) async throws {
        teller.heading("4. The handshake: both sides agree on the session")
        let (hospital, healthCentre) = (cast.hospital.scheduling, cast.healthCentre.scheduling)
        let path = "/v1/bookings/\(booking)/handshake"
        let opened = try await healthCentre.get(path)
        try expect("the handshake's state", opened.text(at: "/state"), is: "none")
        func send(_ message: JSON, by sender: Program, leadsTo state: String) async throws -> JSON {
            let handshake = try await sender.post("\(path)/messages", message)
            try expect("the handshake's state", handshake.text(at: "/state"), is: state)
            return handshake
        }
        _ = try await send(
            [
                "kind": "propose", "sequence": 1,
                "offer": offer(at: "10:00", answeredBy: at("2026-10-19", "16:00")),
            ], by: healthCentre, leadsTo: "proposed")
        let countered = try await send(
            [
                "kind": "counter", "sequence": 2, "cause": "The ward round ends at 10:15",
                "offer": offer(at: "10:30", answeredBy: at("2026-10-20", "12:00")),
            ], by: hospital, leadsTo: "countered")
        try expect("whose turn it is", countered.text(at: "/awaited"), is: "buyer")
        let agreed = try await send(
            ["kind": "accept", "sequence": 3], by: healthCentre, leadsTo: "agreed")
        try expect(
            "the agreed start", agreed.instant(at: "/agreement/starts"),
            is: at("2026-10-27", "10:30"))
        let moved = try await healthCentre.get("/v1/bookings/\(booking)")
        let (starts, ends) = try (moved.instant(at: "/starts"), moved.instant(at: "/ends"))
        try expect("where the booking stands", starts, is: at("2026-10-27", "10:30"))
        let checks: JSON = ["device": true, "line": true, "record_access": true]
        _ = try await send(
            ["kind": "ready", "sequence": 4, "checks": checks], by: healthCentre,
            leadsTo: "agreed")
        let ready = try await send(
            ["kind": "ready", "sequence": 5, "checks": checks], by: hospital, leadsTo: "ready")
        for side in ["seller", "buyer"] {
            try expect("the \(side)", ready.text(at: "/readiness/\(side)"), is: "ready")
        }
        try tell(ready)
        teller.say(
            "The booking has moved along, from 10:00 to \(wall.words(starts)) – "
                + "\(wall.timeOfDay(of: ends)). Both sides are ready: device, line and access to "
                + "the records were checked.")
    }

    private func offer(at time: String, answeredBy deadline: Instant) throws -> JSON {
        [
            "starts": JSON(try at("2026-10-27", time).rfc3339),
            "room": ["provider": "built_in"], "needs": ["nurse_present"],
            "deadline": JSON(deadline.rfc3339),
        ]
    }

    private func tell(_ handshake: JSON) throws {
        let messages = try handshake.list(at: "/messages")
        try expect("the number of messages", messages.count, is: 5)
        let rows = try messages.flatMap { message in
            let sender = try message.text(at: "/sender")
            let head = try [
                "\(message.integer(at: "/sequence"))",
                sender == "seller" ? "Example Hospital" : "Example Health Centre",
                message.text(at: "/kind"),
            ]
            let details = try details(of: message)
            return [head + [details.first ?? ""]]
                + details.dropFirst().map { ["", "", "", $0] }
        }
        teller.table(
            Table(
                columns: [.right("no."), .left("from"), .left("message"), .left("")], rows: rows))
    }

    /// What a message carries, each part on a line of its own.
    private func details(of message: JSON) throws -> [String] {
        var lines: [String] = []
        if let offer = message["offer"], !offer.isNull {
            let (starts, deadline) = try (
                offer.instant(at: "/starts"), offer.instant(at: "/deadline")
            )
            lines.append("for \(wall.shortWords(starts))")
            lines.append("answer by \(wall.shortWords(deadline))")
        }
        if let cause = message["cause"]?.text { lines.append("\"\(cause)\"") }
        if let checks = message["checks"]?.members {
            lines.append("checked: " + checks.keys.map(\.spaced).joined(separator: ", "))
        }
        return lines
    }
}
