import MoneyAndTime
import NIOHTTP1
import Organisations
import TestMarket
import TestServer
import Testing

@testable import Web

/// What each page says to those who may not have it. A new page does not compile until it is here.
extension PageOperation {
    /// A role that may not do this; nil where every role may.
    fileprivate var wrongRole: Role? {
        switch self {
        case .findTime, .showTime, .sayInHandshake: .finance
        case .signContract: .scheduler
        case .showSignInSettings, .saveSignInSettings: .finance
        case .showKeys, .makeKey, .retireKey, .showAudit, .downloadAudit: .signatory
        case .listMembers, .showMember, .saveMember: .finance
        case .holdTime, .confirmBooking, .releaseBooking, .cancelBooking, .showMove, .moveBooking,
            .showSeries, .bookSeries, .showTogether, .bookTogether, .showWaitingForm,
            .joinWaitingList, .leaveWaitingList:
            .specialist
        case .showWaitingList, .sayPresence, .showNow, .acceptDemand: .finance
        case .askNow, .withdrawDemand: .specialist
        case .showResponseTimes, .downloadResponseTimes: nil
        case .showBlockForm, .makeBlocks, .placeVisits, .giveBackBlock, .withdrawBlock: .specialist
        case .sayBlockReady: .finance
        case .listBlocks, .showBlock: nil
        case .listResources, .showResource: nil
        case .addResource, .saveResource, .closeResource, .reopenResource, .chooseResources:
            .finance
        case .showSessionForm, .openSession, .bookPlaces, .withdrawSession, .substituteSession,
            .waitForPlace:
            .specialist
        case .listSessions, .showSession: nil
        case .listStatements, .showStatement, .showCharge, .listInvoices, .showInvoice,
            .downloadInvoice, .downloadFinvoice, .downloadPDF, .listBankFiles, .showBankFile,
            .showTrialBalance, .showOpenAmounts, .downloadHours, .listBankEntries, .showBankEntry,
            .listDisputes, .showDispute, .showDisputeForm, .listCreditNotes, .showCreditForm,
            .showRatingAgain, .showCreditNote, .downloadCreditNote, .showPeriods, .showMonth,
            .showAccountStatement, .showAgeing, .downloadJournal, .showLateInterest,
            .listBillingRuns, .showBillingRun, .showWriteOffForm, .showRefundForm, .listNetting,
            .showNetting,
            .showInvoiceBasis, .downloadInvoiceBasis, .showPaymentReport, .showInternalCharge,
            .downloadInternalCharge:
            .scheduler
        case .listPayments, .showPaymentFile, .downloadPaymentFile, .approvePayment,
            .approvePaymentFile, .withdrawPaymentFile:
            .scheduler
        case .setPaymentLimit: .finance
        case .proposePaymentFile, .importPaymentStatus: .admin
        case .createStatement, .acceptStatement, .issueInvoice, .importBankFile, .closePeriod,
            .chargeLateInterest, .startBillingRun:
            .admin
        case .applyBankEntry, .setBankEntryAside, .takeBackReport: .admin
        case .disputeLine, .answerDispute, .creditInvoice, .rateAgain, .writeOffInvoice: .admin
        case .refundInvoice, .remindOfInvoice: .admin
        case .proposeNetting, .answerNetting, .recordInvoices, .reportPayment, .settleInternally:
            .admin
        case .showPublishing, .publishAvailability, .withdrawAvailability, .showAbsence,
            .noteAbsence, .showAvailabilityChange, .changeAvailability, .keepTemplate,
            .removeTemplate, .listProposedTime, .showRoster, .importRoster, .setBusyCalendar,
            .removeBusyCalendar, .showSalePause, .pauseSale, .endSalePause,
            .showLimits, .saveLimits:
            .specialist
        case .saveApproval, .approveAvailability, .declineAvailability: .scheduler
        case .showSignIn, .signIn, .chooseLanguage, .showStyle, .showComponents, .signOut,
            .showStart, .listBookings, .showBooking, .showCancellation, .listContracts,
            .showContract, .showCalendar, .showBusyCalendar, .showAvailability, .listProposals:
            nil
        case .downloadVisit: nil
        case .listFeeds: .finance
        case .addFeed, .endFeed: .auditor
        case .showCalendarMail: .scheduler
        case .setCalendarMail, .removeCalendarMail: .auditor
        case .showReception, .sendInvoice: .scheduler
        case .saveReception: .auditor
        case .readFeed: nil
        case .showScript, .followChanges, .showCalendarScript, .showCalendarStyle: nil
        case .giveAddress, .showMailSent, .showProvider, .startAtProvider, .returnFromProvider,
            .showLink, .useLink, .showDemoMail, .showAccount, .beginSecondFactor,
            .showSecondFactor, .confirmSecondFactor, .removeSecondFactor:
            nil
        case .showDay, .showVisit: nil
        case .listAlerts, .showBell, .markAlertsRead, .showAlertSettings, .saveAlertSettings: nil
        case .listMessages, .showTexts, .saveTexts, .setPatientContact: .finance
        case .showPrice, .downloadContract, .downloadDocument: nil
        case .showChanges, .offerVersion, .withdrawVersion, .showDeclining, .declineVersion,
            .showSuspension, .suspendContract, .resumeContract, .showNotice, .giveNotice:
            .scheduler
        case .showNewContract, .beginContract, .writeContract, .beginVersion, .writeVersion:
            .scheduler
        case .showContractScript, .showRoomScript, .showGuestScript, .showCheckScript: nil
        case .showGuestLinks, .makeGuestLink, .revokeGuestLink, .answerGuest, .showCheck: .finance
        case .showJoin, .comeAsGuest, .showGuestCheck, .followDoor, .sayAtDoor, .followGuestRoom,
            .sayInGuestRoom, .enterRoomAsGuest, .listUnits:
            nil
        case .saveUnit, .showRoomSettings, .saveRoomSettings: .scheduler
        case .enterRoom, .showCallLog, .loadCallLog: .finance
        case .attendVisit, .sayMinutes, .followRoom, .sayInRoom, .tellOfVisit, .listMinutes,
            .attestSeveral, .sayDuty:
            .finance
        case .findSellers, .showSeller, .listRequests, .showProfile, .listNeeds, .showNeed: nil
        case .showAsking, .askForContract, .saveProfile, .showNeedForm, .postNeed, .answerNeed,
            .withdrawNeed, .showAcceptance, .acceptAnswer:
            .signatory
        }
    }

    /// A role that may do this.
    fileprivate var rightRole: Role {
        switch self {
        case .signContract: .signatory
        case .showChanges, .offerVersion, .withdrawVersion, .showDeclining, .declineVersion,
            .showSuspension, .suspendContract, .resumeContract, .showNotice, .giveNotice:
            .admin
        case .beginVersion, .writeVersion: .admin
        case .saveApproval, .approveAvailability, .declineAvailability: .admin
        case .showCalendarMail, .setCalendarMail, .removeCalendarMail: .admin
        case .showReception, .saveReception, .sendInvoice: .finance
        case .listMembers, .showMember, .saveMember, .listMessages, .showTexts, .saveTexts,
            .saveUnit, .showRoomSettings, .saveRoomSettings:
            .admin
        case .showAsking, .askForContract, .answerNeed, .withdrawNeed, .showAcceptance,
            .acceptAnswer:
            .admin
        case .listStatements, .createStatement, .showStatement, .acceptStatement, .issueInvoice,
            .showCharge, .listInvoices, .showInvoice, .downloadInvoice, .downloadFinvoice,
            .downloadPDF, .listBankFiles, .importBankFile, .showBankFile, .showTrialBalance,
            .showOpenAmounts, .downloadHours, .listBankEntries, .showBankEntry, .applyBankEntry,
            .setBankEntryAside, .takeBackReport, .listPayments, .approvePayment,
            .proposePaymentFile,
            .showPaymentFile, .approvePaymentFile, .withdrawPaymentFile, .downloadPaymentFile,
            .importPaymentStatus, .listDisputes, .showDispute, .showDisputeForm, .disputeLine,
            .answerDispute, .listCreditNotes, .showCreditForm, .creditInvoice, .showCreditNote,
            .showRatingAgain, .rateAgain, .downloadCreditNote, .showPeriods, .closePeriod,
            .showMonth, .showAccountStatement, .showAgeing, .downloadJournal, .showLateInterest,
            .chargeLateInterest, .listBillingRuns, .startBillingRun, .showBillingRun,
            .showWriteOffForm, .writeOffInvoice, .showRefundForm, .refundInvoice, .remindOfInvoice,
            .listNetting, .proposeNetting, .showNetting,
            .answerNetting, .showInvoiceBasis, .downloadInvoiceBasis, .recordInvoices,
            .showPaymentReport, .reportPayment, .settleInternally, .showInternalCharge,
            .downloadInternalCharge:
            .finance
        case .setPaymentLimit: .admin
        default: .scheduler
        }
    }

    /// What a form of this page sends besides what every form does.
    fileprivate var fields: [String: String] {
        switch self {
        case .closePeriod, .startBillingRun: ["month": "2027-03"]
        case .chargeLateInterest: ["through": "2027-04-30", "amount": "0.01"]
        case .sayInHandshake: ["kind": "accept", "sequence": "1"]
        case .retireKey: ["key_id": "a"]
        case .keepTemplate: ["name": "Mornings"]
        case .endSalePause: ["pause": "salepause_01j0000000e008000000000061"]
        case .setBusyCalendar, .removeBusyCalendar, .pauseSale:
            ["specialist": "specialist_01j0000000e008000000000014"]
        case .saveApproval: ["revision": "0", "required": "yes"]
        case .removeTemplate: ["template": "template_01j0000000e008000000000033"]
        case .sayPresence:
            ["specialist": "specialist_01j0000000e008000000000014", "minutes": "60"]
        case .saveResource: ["revision": "1"]
        case .setCalendarMail: ["unit": "whole", "tongue": "fi", "email": "a@b.example"]
        case .removeCalendarMail: ["mailbox": "calendarmailbox_01j0000000e008000000000181"]
        case .addFeed: ["whose": "specialist_01j0000000e008000000000014"]
        case .endFeed: ["feed": "calendarfeed_01j0000000e008000000000171"]
        case .reopenResource: ["closure": "closure_01j0000000e008000000000151"]
        case .leaveWaitingList: ["entry": "waiting_01j0000000e008000000000121"]
        case .acceptDemand:
            [
                "demand": "demand_01j0000000e008000000000191",
                "specialist": "specialist_01j0000000e008000000000014",
            ]
        case .withdrawDemand: ["demand": "demand_01j0000000e008000000000191"]
        case .giveBackBlock, .withdrawSession: ["expected_cost": "0.00"]
        case .substituteSession: ["specialist": "specialist_01j0000000e008000000000014"]
        case .cancelBooking: ["expected_fee": "0.00"]
        case .moveBooking: ["revision": "1"]
        case .signContract:
            ["number": "1", "digest": String(repeating: "0", count: 64), "read": "yes"]
        case .offerVersion, .withdrawVersion: ["number": "1"]
        case .declineVersion: ["number": "1", "reason": "Too dear."]
        case .suspendContract: ["reason": "Nobody is there."]
        case .giveNotice: ["ends_at": "2027-04-01T21:00:00Z", "reason": "Too dear."]
        case .acceptStatement: ["total": "0.00"]
        case .applyBankEntry: ["suggestion": "invoice_01j0000000e008000000000053=1.00"]
        case .disputeLine:
            [
                "charge": "charge_01j0000000e008000000000051", "reason": "rate", "figure": "0.00",
                "words": "It was cancelled in time.",
            ]
        case .answerDispute: ["answer": "concede"]
        case .creditInvoice: ["what": "all", "reason": "Another price was agreed."]
        case .rateAgain: ["month": "2027-03", "difference": "1.00"]
        case .recordInvoices:
            [
                "total-1": "54.00", "number-1": "2027/1", "issued-1": "2027-04-01",
                "due-1": "2027-05-01", "reference-1": "1232",
            ]
        case .settleInternally: ["total": "54.00"]
        case .reportPayment: ["paid_on": "2027-04-01", "amount": "1.00"]
        case .answerNetting: ["answer": "consent", "figure": "0.00"]
        case .writeOffInvoice: ["amount": "0.01", "reason": "Not worth a reminder."]
        case .refundInvoice: ["paid_on": "2027-04-01", "amount": "0.01"]
        case .saveMember: ["revision": "1"]
        case .markAlertsRead: ["all": "yes"]
        case .saveTexts: ["revision": "0"]
        case .setPatientContact: ["number": "+358400000000", "language": "fi"]
        case .saveAlertSettings: ["revision": "0", "digest": "15", "language": "en"]
        case .saveSignInSettings: ["revision": "0", "by": "mail"]
        case .attendVisit: ["kind": "join"]
        case .sayDuty: ["do": "begin"]
        case .sayMinutes: ["figure": "0"]
        case .makeGuestLink: ["kind": "patient", "language": "fi"]
        case .revokeGuestLink: ["guest_link": "guestlink_01j0000000e008000000000161"]
        case .answerGuest: ["guest": "guest_01j0000000e008000000000171", "do": "put_out"]
        case .saveUnit: ["unit": "unit_01j0000000e008000000000011", "revision": "1"]
        case .saveRoomSettings: ["revision": "0"]
        case .saveReception: ["revision": "0", "way": "download", "form": "ubl"]
        case .loadCallLog: ["table": "visit,side,joined,left"]
        case .tellOfVisit: ["kind": "technical_failure", "failure": "No sound."]
        case .attestSeveral: ["visit": "booking_01j0000000e008000000000041:0"]
        default: [:]
        }
    }

    /// Whether it is about one thing, which belongs to somebody.
    fileprivate var isOfOneThing: Bool { path.contains("{") }
}

@Suite("The wrong callers of every page")
struct CallerTests {
    /// Asks as this browser's visitor would, by a form of ours where it is a change.
    private static func ask(
        _ operation: PageOperation, _ path: String, _ browser: Browser, _ fields: [String: String]
    ) async throws -> PageAnswer {
        if operation.method == "GET" { return try await browser.get(path) }
        let seal = try await browser.get("/").hidden("seal") ?? ""
        return try await browser.post(
            path,
            fields.merging(operation.fields) { $1 }
                .merging(["seal": seal, "key": "key \(operation.rawValue)"]) { $1 })
    }

    /// Whether a refused form leads back to the page of the thing that it was to change.
    private static func leadsBack(_ operation: PageOperation) -> Bool {
        let parts = operation.path.split(separator: "/")
        return parts.count > 2 && parts[1].hasPrefix("{") && parts[0] != "settings"
    }

    @Test func everyPage() async throws {
        try await PagesWorld.with { world in
            let booking = try await world.life.booked("2027-03-02")
            let availability = try await world.availability()
            let buyers = try await world.browser(of: world.buyer.scheduler)
            let time = try await world.timeAddress(buyers)
            let chosen = FormFields(time.dropFirst("/time?".count).utf8)
            let names = ["contract", "service", "specialist", "starts", "minutes"]
            let timeFields = Dictionary(
                uniqueKeysWithValues: names.map { ($0, chosen.text($0) ?? "") })
            let others = try await world.browser(of: world.outsider.scheduler)
            let dispute = try await world.disputed()
            var things = try await world.invoiced()
            things["payment_file"] = try await world.paymentFile(of: things["invoice"] ?? "")
            things["dispute"] = dispute.description
            things["credit_note"] = try await world.credited(things["invoice"] ?? "")
            things["billing_run"] = try await world.billingRun()
            things["netting_round"] = try await world.nettingRound()
            things["internal_charge"] = try await world.internalCharge()
            things["booking"] = booking.description
            things["contract"] = world.life.contract.id.description
            things["availability"] = availability
            things["number"] = "1"
            things["member"] = world.buyer.specialist.member.description
            // it has published nothing, so that others find it as little as what is not theirs
            things["seller"] = world.seller.id.description
            things["need"] = try await world.need(to: world.seller)
            things["block"] = try await world.block()
            things["resource"] = try await world.room()
            things["session"] = try await world.session()
            for operation in PageOperation.allCases where !operation.isOpen {
                let path =
                    operation == .showTime
                    ? time
                    : things.reduce(operation.path) { $0.replacing("{\($1.key)}", with: $1.value) }
                let fields =
                    operation == .holdTime || operation == .moveBooking ? timeFields : [:]
                let nobody = Browser(port: world.server.port)
                let stranger =
                    operation.method == "GET"
                    ? try await nobody.get(path) : try await nobody.post(path, operation.fields)
                #expect(stranger.status == 303, "\(operation): nobody")
                #expect(stranger.location?.hasPrefix("/sign-in") == true, "\(operation): nobody")
                if operation.isOfOneThing {
                    let visitor = try await world.browser(of: world.outsider[operation.rightRole])
                    let other = try await Self.ask(operation, path, visitor, fields)
                    #expect(other.status == 404, "\(operation): another organisation")
                }
                if let role = operation.wrongRole {
                    let browser = try await world.browser(of: world.buyer[role])
                    let wrong = try await Self.ask(operation, path, browser, fields)
                    #expect(wrong.status == 403, "\(operation): \(role)")
                }
                guard operation.method == "POST" else { continue }
                let unsealed = try await buyers.post(path, fields)
                #expect(unsealed.status == 403, "\(operation): no seal")
                if Self.leadsBack(operation) {
                    let thing = path.split(separator: "/").prefix(2).joined(separator: "/")
                    #expect(unsealed.links.contains("/\(thing)"), "\(operation): no way back")
                }
                let seal = try await others.get("/").hidden("seal") ?? ""
                let stolen = try await buyers.post(path, fields.merging(["seal": seal]) { $1 })
                #expect(stolen.status == 403, "\(operation): another login's seal")
            }
        }
    }

    @Test(
        "a form that another site sends is refused, whatever it holds",
        arguments: [
            ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"],
            ["Origin": "https://example.org"], ["Origin": "null"],
        ])
    func otherSites(headers: [String: String]) async throws {
        try await PagesWorld.with { world in
            let member = ["member": world.buyer.scheduler.member.description]
            let stranger = Browser(port: world.server.port)
            let seal = try await stranger.seal()
            let sealed = member.merging(["seal": seal]) { $1 }
            #expect(try await stranger.post("/sign-in", sealed, headers: headers).status == 403)
            #expect(await stranger.login == nil)
            let browser = try await world.browser(of: world.buyer.scheduler)
            let form = try await browser.get("/").form("/sign-out")
            #expect(try await browser.post("/sign-out", form, headers: headers).status == 403)
            let own = ["Sec-Fetch-Site": "same-origin"]
            #expect(try await browser.post("/sign-out", form, headers: own).status == 303)
        }
    }
}
