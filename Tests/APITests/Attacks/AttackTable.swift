import API
import MoneyAndTime
import StrictJSON
import TestMarket

/// One row for every operation: whoever adds an operation adds its row.
extension Trade {
    var attacks: [Attack] {
        get throws {
            try organisations + people + trading + contractLife + beforeContract + availability
                + booking + waitingList + demandAttacks + dutyAttacks + blockAttacks
                + resourceAttacks + groupAttacks + visiting + calendarAttacks + money
                + invoiceAttacks + nettingAttacks + paymentAttacks + ledgerAttacks + records
                + alertAttacks
        }
    }
}

// MARK: - Who is who

extension Trade {
    private var organisations: [Attack] {
        let unit = seller.unit.description
        let named: JSON = ["name": "Second unit", "time_zone": "Europe/Helsinki"]
        return [
            Attack(operation: .getOrganisation, outsider: .ownOnly),
            Attack(
                operation: .updateOrganisation,
                body: .json([
                    "name": "Example Hospital",
                    "address": [
                        "street": "Main Street 2", "postal_code": "90100", "city": "Oulu",
                    ],
                    "vat_id": world.document["seller"]?["vat_id"] ?? .null,
                    "ovt": world.document["seller"]?["ovt"] ?? .null,
                    "iban": "FI2112345600000785", "email": "office@example.org",
                ]), outsider: .ownOnly),
            Attack(operation: .getSignInSettings, outsider: .ownOnly),
            Attack(
                operation: .updateSignInSettings,
                body: .json([
                    "provider": [
                        "issuer": "https://login.hospital.example", "client_id": "aikatori",
                        "client_secret": "a secret", "scopes": ["groups"],
                        "roles": [
                            "claim": "groups", "values": ["scheduler": ["desk"], "admin": ["it"]],
                        ],
                    ],
                    "domains": [], "requires_second_factor": false,
                ]), revision: "\"0\"", outsider: .ownOnly),
            Attack(operation: .listOrganisations, query: "limit=2", outsider: .everyones),
            Attack(
                operation: .listOrganisationKeys, path: [buyer.id.description],
                outsider: .everyones),
            Attack(
                operation: .addOrganisationKey, by: .buyer, body: .json([:]),
                fullest: [
                    "jwk": [
                        "kty": "OKP", "crv": "Ed25519",
                        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                    ],
                    "proof": contracts.signed["signatures"]?[0] ?? .null,
                ], outsider: .ownOnly),
            Attack(operation: .retireOrganisationKey, path: [contracts.key]),
            Attack(operation: .listUnits, outsider: .ownOnly),
            Attack(operation: .createUnit, body: .json(named), outsider: .ownOnly),
            Attack(operation: .getUnit, path: [unit]),
            Attack(
                operation: .updateUnit, path: [unit],
                body: .json(["name": "Main unit", "time_zone": "Europe/Stockholm"])),
        ]
    }

    private var people: [Attack] {
        let member = seller.scheduler.member.description
        let (specialist, unit) = (idle.specialist, seller.unit)
        var edited = World.specialistBody("Psychiatrist 2", unit: unit).members ?? [:]
        edited["unit"] = nil
        edited["active"] = true
        return [
            Attack(operation: .listMembers, outsider: .ownOnly),
            Attack(
                operation: .createMember,
                body: .json([
                    "name": "Scheduling desk 2", "email": "desk2@example.org",
                    "roles": ["scheduler", "auditor"], "specialist": JSON(specialist),
                ])),
            Attack(operation: .getMember, path: [member]),
            Attack(
                operation: .updateMember, path: [member],
                body: .json([
                    "name": "Scheduling desk 1", "email": "desk1@example.org",
                    "roles": ["scheduler"], "active": true, "specialist": JSON(specialist),
                ])),
            Attack(operation: .listCredentials, outsider: .ownOnly),
            Attack(
                operation: .issueCredential,
                body: .json([
                    "member": JSON(member), "label": "Second token", "roles": ["scheduler"],
                ])),
            Attack(operation: .revokeCredential, path: [spareCredential]),
            Attack(operation: .listSpecialists, outsider: .ownOnly),
            Attack(
                operation: .createSpecialist,
                body: .json(World.specialistBody("Psychiatrist 4", unit: unit))),
            Attack(operation: .getSpecialist, path: [specialist]),
            Attack(
                operation: .updateSpecialist, path: [specialist], body: .json(.object(edited))),
            Attack(operation: .listLicences, path: [specialist]),
            Attack(operation: .addLicence, path: [specialist], body: .json(World.licenceBody)),
        ]
    }
}

// MARK: - Contracts, time and bookings

extension Trade {
    private var trading: [Attack] {
        let document = world.document
        return [
            Attack(operation: .checkContract, body: .json(document), outsider: .everyones),
            Attack(operation: .listContractTemplates, outsider: .everyones),
            Attack(
                operation: .getContractTemplate, path: ["psychiatrist-remote-visit"],
                outsider: .everyones),
            Attack(operation: .listContracts, outsider: .ownOnly),
            Attack(
                operation: .draftContract, body: .json(document),
                outsider: .refused(422, "not_a_party")),
            Attack(operation: .getContract, by: .buyer, path: [world.contract]),
            Attack(
                operation: .amendContract, by: .buyer, path: [world.contract],
                body: .json(document)),
            Attack(operation: .getContractVersion, path: [world.contract, "1"]),
            Attack(
                operation: .signContractVersion, path: [contracts.unsigned, "1"],
                body: .json(["digest": JSON(contracts.digest)])),
            Attack(operation: .getSignedContract, path: [world.contract, "1"]),
            Attack(
                operation: .importContract, body: .json(contracts.signed),
                outsider: .refused(422, "not_a_party")),
            Attack(
                operation: .priceVisit, path: [world.contract, "1"],
                body: .json([
                    "service": "psychiatrist-visit",
                    "visit": [
                        "starts": "2027-07-10T18:40", "planned_minutes": 30,
                        "seconds_before": 3600, "billable_seconds": 1380,
                        "waited": ["by": "seller", "seconds": 60], "overrun_agreed": true,
                        "preparation_minutes": 5, "record_writing_minutes": 5,
                    ],
                ])),
        ]
    }

    private var contractLife: [Attack] {
        let reason: JSON = ["reason": "It is not needed."]
        return [
            Attack(operation: .offerContractVersion, path: [contracts.toOffer, "1"]),
            Attack(operation: .withdrawContractVersion, path: [contracts.toWithdraw, "1"]),
            Attack(
                operation: .declineContractVersion, by: .buyer, path: [contracts.toDecline, "2"],
                body: .json(reason)),
            Attack(
                operation: .compareContractVersions, path: [contracts.toDecline, "2"],
                query: "from=1"),
            Attack(
                operation: .suspendContract, by: .buyer, path: [contracts.toSuspend],
                body: .json(reason)),
            Attack(operation: .resumeContract, path: [contracts.toResume]),
            Attack(operation: .getNoticeEffect, path: [contracts.toSuspend]),
            Attack(operation: .getCommitment, path: [contracts.toSuspend]),
            Attack(
                operation: .giveNotice, by: .buyer, path: [contracts.toEnd],
                body: .json([
                    "ends_at": "2027-07-31T21:00:00Z", "reason": "It is not needed.",
                ])),
        ]
    }

    private var booking: [Attack] {
        get throws {
            [
                Attack(operation: .listAvailability, outsider: .ownOnly),
                Attack(
                    operation: .publishAvailability, body: .json(World.weekly(of: unpublished))),
                Attack(operation: .getAvailability, path: [world.availability]),
                Attack(operation: .withdrawAvailability, path: [idle.availability]),
                Attack(
                    operation: .getCalendar, path: [world.specialist],
                    query: "from=2027-07-05T00:00:00Z&until=2027-07-12T00:00:00Z"),
                Attack(
                    operation: .previewAbsence, path: [world.specialist],
                    query: "from=2027-07-05T00:00:00Z&until=2027-07-12T00:00:00Z"),
                // nothing is booked there, so that the plan is empty
                Attack(
                    operation: .noteAbsence, path: [unpublished],
                    body: .json([
                        "from": "2027-08-02T00:00:00Z", "until": "2027-08-03T00:00:00Z",
                        "digest":
                            "06c945d39a3c7b484f050c97cf78385c43537d72bbabd464588f74f72e34d021",
                        "moves": [], "reason": "They are absent.",
                    ])),
                Attack(
                    operation: .previewUnitAbsence, path: [seller.unit.description],
                    query: "from=2027-08-09T00:00:00Z&until=2027-08-10T00:00:00Z"),
                Attack(
                    operation: .noteUnitAbsence, path: [seller.unit.description],
                    body: .json([
                        "from": "2027-08-09T00:00:00Z", "until": "2027-08-10T00:00:00Z",
                        "digest":
                            "06c945d39a3c7b484f050c97cf78385c43537d72bbabd464588f74f72e34d021",
                    ])),
                Attack(
                    operation: .findTimes, by: .buyer,
                    query: "from=2027-07-05T00:00:00Z&until=2027-07-09T00:00:00Z&minutes=30",
                    outsider: .ownOnly),
                Attack(operation: .listBookings, by: .buyer, outsider: .ownOnly),
                Attack(
                    operation: .bookTime, by: .buyer, body: .json(try world.wanted("2027-07-06"))),
                Attack(operation: .bookSeries, by: .buyer, body: .json(try wantedSeries)),
                Attack(operation: .previewSeries, by: .buyer, body: .json(try wantedSeries)),
                Attack(
                    operation: .findTimesTogether, by: .buyer,
                    body: .json([
                        "from": JSON(try World.instant("2027-07-07", at: "00:00").rfc3339),
                        "until": JSON(try World.instant("2027-07-08", at: "00:00").rfc3339),
                        "visits": [
                            ["service": JSON(World.service), "minutes": 30],
                            ["service": JSON(World.service), "minutes": 45],
                        ],
                    ]), outsider: .ownOnly),
                Attack(
                    operation: .bookTogether, by: .buyer,
                    body: .json([
                        "starts": JSON(try World.instant("2027-07-07", at: "11:00").rfc3339),
                        "patient_reference": "P-1",
                        "visits": .array(
                            [world.specialist, colleague].map { specialist in
                                [
                                    "contract": JSON(world.contract), "minutes": 30,
                                    "service": JSON(World.service),
                                    "specialist": JSON(specialist),
                                ]
                            }),
                    ])),
                Attack(operation: .getBooking, path: [bookings.toJoin]),
                Attack(operation: .confirmBooking, by: .buyer, path: [bookings.toConfirm]),
                Attack(operation: .releaseBooking, by: .buyer, path: [bookings.toRelease]),
                Attack(operation: .getCancellationCost, by: .buyer, path: [bookings.toCancel]),
                Attack(
                    operation: .cancelBooking, by: .buyer, path: [bookings.toCancel],
                    body: .json(["expected_fee": "0.00", "reason": "The patient is better."])),
                Attack(
                    operation: .moveBooking, by: .buyer, path: [bookings.toMove],
                    body: .json([
                        "starts": JSON(try World.instant("2027-07-05", at: "14:00").rfc3339),
                        "specialist": JSON(world.specialist),
                    ])),
            ]
        }
    }

    private var visiting: [Attack] {
        [
            Attack(operation: .listHandshakes, by: .buyer, outsider: .ownOnly),
            Attack(operation: .getHandshake, path: [bookings.toJoin]),
            Attack(
                operation: .sendHandshakeMessage, by: .buyer, path: [bookings.toAgree],
                body: .json(World.proposal(starting: "2027-07-05T08:00:00Z"))),
            Attack(
                operation: .issueJoinToken, path: [bookings.toJoin],
                body: .json(["participant": "psychiatrist-1", "label": "Psychiatrist 1"])),
            Attack(operation: .getVisit, by: .buyer, path: [bookings.toJoin]),
            Attack(
                operation: .attestMinutes, path: [bookings.toAttest],
                body: .json(["verdict": "attested", "billable_seconds": 0]),
                fullest: [
                    "verdict": "attested", "billable_seconds": 0, "preparation_minutes": 0,
                    "record_writing_minutes": 0, "technical_failure": false,
                ]),
            Attack(
                operation: .reportVisit, by: .buyer, path: [bookings.toJoin],
                body: .json(["kind": "technical_failure", "reason": "The picture froze."])),
            Attack(operation: .listMinutes, query: "limit=2", outsider: .ownOnly),
            Attack(
                operation: .attestSeveral,
                body: .json([
                    "words": [
                        [
                            "booking": JSON(bookings.toAttest), "verdict": "attested",
                            "billable_seconds": 0,
                        ]
                    ]
                ]), outsider: .ownOnly),
            Attack(
                operation: .recordAttendance,
                body: .json(["observation": JSON(observation), "kind": "join"]),
                outsider: .unasked, token: joinToken),
        ] + guestAttacks + roomAttacks
    }
}

// MARK: - Money and records

extension Trade {
    private var money: [Attack] {
        let statement = JSON(accepted.statement)
        return [
            Attack(operation: .listCharges, outsider: .ownOnly),
            Attack(operation: .getSoldHours, query: "month=2027-06", outsider: .ownOnly),
            Attack(operation: .getCharge, by: .buyer, path: [charge]),
            Attack(operation: .listStatements, by: .buyer, outsider: .ownOnly),
            Attack(
                operation: .createStatement,
                body: .json(["contract": JSON(world.contract), "period": "2027-06"])),
            Attack(operation: .getStatement, path: [stated.statement]),
            Attack(
                operation: .acceptStatement, by: .buyer, path: [stated.statement],
                body: .json(["total": JSON(stated.total)])),
            Attack(
                operation: .disputeLine, by: .buyer, path: [disputable.statement],
                body: .json([
                    "charge": JSON(disputable.charge), "reason": "rate", "net": "10.00",
                    "words": "The price is another one.", "evidence": ["The price list"],
                ])),
            Attack(operation: .listDisputes, by: .buyer, outsider: .ownOnly),
            Attack(operation: .getDispute, path: [dispute]),
            Attack(
                operation: .answerDispute, path: [dispute],
                body: .json(["answer": "concede", "words": "It was.", "evidence": ["Our log"]])),
            Attack(operation: .listBillingRuns, outsider: .ownOnly),
            Attack(
                operation: .startBillingRun, body: .json(["period": "2027-01"]),
                outsider: .ownOnly),
            Attack(operation: .getBillingRun, path: [billingRun]),
            Attack(operation: .listInvoices, outsider: .ownOnly),
            Attack(operation: .issueInvoice, body: .json(["statement": statement])),
            Attack(operation: .getInvoice, by: .buyer, path: [invoice]),
            Attack(operation: .getInvoiceDocument, path: [invoice]),
            Attack(operation: .getInvoiceFinvoice, by: .buyer, path: [invoice]),
            Attack(operation: .getInvoicePDF, path: [invoice]),
            Attack(operation: .listBankFiles, outsider: .ownOnly),
            Attack(operation: .importBankFile, body: .xml(unreadFile), outsider: .ownOnly),
            Attack(operation: .getBankFile, path: [bankFile]),
            Attack(operation: .listBankEntries, outsider: .ownOnly),
            Attack(operation: .getBankEntry, path: [bankEntry]),
            Attack(
                operation: .applyBankEntry, path: [bankEntry],
                body: .json(["allocations": [["invoice": JSON(invoice), "amount": "1.00"]]])),
            Attack(operation: .setBankEntryAside, path: [asideEntry]),
        ]
    }

    private var records: [Attack] {
        [
            Attack(operation: .listEvents, outsider: .ownOnly),
            Attack(operation: .listAuditFacts, by: .buyer, outsider: .ownOnly),
            Attack(operation: .exportAudit, by: .buyer, query: "limit=20", outsider: .ownOnly),
            Attack(operation: .listAuditCheckpoints, outsider: .unasked),
            Attack(operation: .getHealth, outsider: .unasked),
            Attack(operation: .getReadiness, outsider: .unasked),
            Attack(operation: .getDescription, outsider: .unasked),
            Attack(operation: .getKeySet, outsider: .unasked),
        ]
    }
}

extension Trade {
    private var wantedSeries: JSON {
        get throws {
            [
                "contract": JSON(world.contract), "service": JSON(World.service),
                "specialist": JSON(world.specialist), "minutes": 30, "mode": "best",
                "starts": [
                    "kind": "weekly", "interval_weeks": 1, "count": 2,
                    "first": JSON(try World.instant("2027-07-07", at: "09:00").rfc3339),
                ],
            ]
        }
    }
}
