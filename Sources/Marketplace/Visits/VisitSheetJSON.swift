import Contracts
import MoneyAndTime
import Storage
import StrictJSON
import Visits

// A visit as one of its two sides reads it.

extension VisitSheet {
    /// Of its own people a side reads how long each was there; of the other side's, when somebody
    /// was there, and what all of the visit took.
    func json(for organisation: OrganisationID) throws -> JSON {
        let own = side(of: organisation)
        var members: JSONObject = [
            "booking": JSON(booking.id.description),
            "state": JSON(attestation.state.name.rawValue),
            "over": JSON(isOver),
            "waits_for_you": JSON(waits(for: own)),
            "opens": JSON(window.start.rfc3339),
            "closes": JSON(window.end.rfc3339),
            "planned": [
                "starts": JSON(booking.planned.start.rfc3339),
                "ends": JSON(booking.planned.end.rfc3339),
            ],
            "grace_seconds": JSON(terms.attendance.graceSeconds),
            "present": sides { .array(present($0).map { JSON($0) }) },
            "guests": .array(guests.map(\.json)),
            "attendance": sides { attendance.present($0).json },
            "billable": [
                "seconds": JSON(minutes.billable.seconds),
                "intervals": minutes.billable.intervals.json,
                "fold_version": JSON(minutes.foldVersion),
            ],
            "elapsed_seconds": JSON(attestation.elapsed),
            "duty": dutyJSON,
            "telephone": telephone,
            "call_logs": try callLogs,
            "extra_time": extraTime,
            "people": try people(of: own),
            "attestations": sides { words[$0]?.json ?? .null },
            "charge": JSON(charge?.description),
        ]
        for (key, value) in try whatHappened() { members[key] = value }
        return .object(members)
    }

    private func present(_ side: Visits.Side) -> [String] {
        side == .seller ? presence.seller : presence.buyer
    }

    private func sides(_ value: (Visits.Side) -> JSON) -> JSON {
        ["seller": value(.seller), "buyer": value(.buyer)]
    }

    private var telephone: JSON {
        .array(
            reports.compactMap { stored in
                guard case .telephone(let time) = stored.report else { return nil }
                return [
                    "side": JSON(stored.side.rawValue), "from": JSON(time.start.rfc3339),
                    "until": JSON(time.end.rfc3339), "at": JSON(stored.recordedAt.rfc3339),
                ]
            })
    }

    /// What the sides have imported; beside what was observed, and counted in nothing.
    private var callLogs: JSON {
        get throws {
            .array(
                try logEntries.logs(of: booking.id).map { log in
                    [
                        "by": JSON(log.importer.rawValue),
                        "attendance": sides { log.attendance.present($0).json },
                        "seconds": JSON(try seconds(of: log)),
                        "imported_at": JSON(log.importedAt.rfc3339),
                    ]
                })
        }
    }

    private var extraTime: JSON {
        let (entered, ceiling) = (attestation.computed.extra, attestation.ceiling)
        return [
            "preparation_minutes": JSON(entered.preparation),
            "record_writing_minutes": JSON(entered.recordWriting),
            "preparation_ceiling": JSON(ceiling.preparation),
            "record_writing_ceiling": JSON(ceiling.recordWriting),
        ]
    }

    private func people(of own: Visits.Side) throws -> JSON {
        let own: [JSON] = people.people(own).sorted { $0.key < $1.key }.map { key, seconds in
            ["participant": JSON(key), "seconds": JSON(seconds)]
        }
        let entered = figures.extra
        let apart = try entered.preparation.adding(entered.recordWriting).multiplied(by: 60)
        let total = try minutes.sellerSeconds.adding(minutes.buyerSeconds).adding(apart)
        return ["own": .array(own), "total_seconds": JSON(total)]
    }
}

extension StoredAttestation {
    fileprivate var json: JSON {
        var verdict: JSON = "attested"
        var why: JSON = .null
        if case .contests(_, let reason) = word { (verdict, why) = ("contested", JSON(reason)) }
        return [
            "verdict": verdict, "billable_seconds": JSON(word.seconds),
            "preparation_minutes": JSON(word.figures.extra.preparation),
            "record_writing_minutes": JSON(word.figures.extra.recordWriting),
            "technical_failure": JSON(word.figures.lineFailed),
            "reason": why, "at": JSON(recordedAt.rfc3339),
        ]
    }
}
