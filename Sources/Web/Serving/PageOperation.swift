/// Everything that can be asked of the pages: one case for each method and path. A test takes every
/// one of them with the wrong callers.
package enum PageOperation: String, Hashable, Sendable, CaseIterable {
    // without a login
    case showSignIn, signIn, chooseLanguage, showStyle, showComponents

    case signOut, showStart

    // finding and booking time
    case findTime, showTime, holdTime
    case showTogether, bookTogether
    case listBookings, showSeries, bookSeries, showBooking, confirmBooking, releaseBooking
    case sayInHandshake, showCancellation, cancelBooking, showMove, moveBooking
    case showWaitingList, showWaitingForm, joinWaitingList, leaveWaitingList, sayPresence
    // someone at once
    case showNow, askNow, acceptDemand, withdrawDemand, showResponseTimes, downloadResponseTimes
    // blocks of time; the form before the page whose path has a parameter in the same place
    case listBlocks, showBlockForm, makeBlocks, showBlock, placeVisits, giveBackBlock, withdrawBlock
    case sayBlockReady
    // sessions in which several buyers have places
    case listSessions, showSessionForm, openSession, showSession, bookPlaces, withdrawSession
    case substituteSession, waitForPlace

    // writing a contract; before those whose path has a parameter in the same place
    case showNewContract, beginContract, writeContract, beginVersion, writeVersion
    case showContractScript

    case listContracts, showContract, signContract

    // finance
    case listStatements, createStatement, showStatement, acceptStatement, issueInvoice
    case listDisputes, showDisputeForm, disputeLine, showDispute, answerDispute
    case showRatingAgain, rateAgain
    case listCreditNotes, showCreditForm, creditInvoice, showCreditNote, downloadCreditNote
    case showWriteOffForm, writeOffInvoice, showRefundForm, refundInvoice, remindOfInvoice
    case showInvoiceBasis, recordInvoices, downloadInvoiceBasis, showPaymentReport, reportPayment
    case settleInternally, showInternalCharge, downloadInternalCharge
    case listNetting, proposeNetting, showNetting, answerNetting
    case showCharge, listInvoices, showInvoice, downloadInvoice
    case downloadFinvoice, downloadPDF, sendInvoice, showReception, saveReception
    case listBankFiles, importBankFile, showBankFile
    case listPayments, setPaymentLimit, approvePayment, proposePaymentFile, showPaymentFile
    case approvePaymentFile, withdrawPaymentFile, downloadPaymentFile, importPaymentStatus
    case listBankEntries, showBankEntry, applyBankEntry, setBankEntryAside, takeBackReport
    case showTrialBalance, showOpenAmounts, downloadHours
    case showLateInterest, chargeLateInterest
    case listBillingRuns, startBillingRun, showBillingRun
    case showPeriods, closePeriod, showMonth, showAccountStatement, showAgeing, downloadJournal
    // a seller's time
    case showCalendar, showPublishing, publishAvailability
    case keepTemplate, removeTemplate
    case showRoster, importRoster
    case showBusyCalendar, setBusyCalendar, removeBusyCalendar
    case listProposedTime, saveApproval, approveAvailability, declineAvailability
    case showAvailability, withdrawAvailability, showAvailabilityChange, changeAvailability
    case showAbsence, noteAbsence
    case showSalePause, pauseSale, endSalePause
    case showLimits, saveLimits
    case listProposals
    // a specialist's visits
    case showDay, showVisit, attendVisit, sayMinutes, followRoom, sayInRoom, showRoomScript
    case tellOfVisit, listMinutes, attestSeveral, sayDuty
    // rooms of other systems than our own
    case enterRoom, enterRoomAsGuest, showRoomSettings, saveRoomSettings
    case showCallLog, loadCallLog
    // guests of a visit, as its sides have them, and as they come by their links
    case showGuestLinks, makeGuestLink, revokeGuestLink, answerGuest, showCheck
    case showJoin, comeAsGuest, showGuestCheck, followDoor, sayAtDoor
    case followGuestRoom, sayInGuestRoom, showGuestScript, showCheckScript
    case listUnits, saveUnit
    // the parts of open pages that are replaced when something changes
    case showScript, showCalendarScript, showCalendarStyle, followChanges

    // signing in, without a login
    case giveAddress, showMailSent, showProvider, startAtProvider, returnFromProvider
    case showLink, useLink, showDemoMail
    // and how, by those who have one
    case showAccount, beginSecondFactor, showSecondFactor, confirmSecondFactor
    case removeSecondFactor, showSignInSettings, saveSignInSettings

    // what a visit would cost
    case showPrice

    // signed contracts as files, and the keys that sign them
    case downloadContract, downloadDocument
    case showKeys, makeKey, retireKey
    // who did what, to be checked alone
    case showAudit, downloadAudit
    // the life of a contract
    case showChanges, offerVersion, withdrawVersion, showDeclining, declineVersion
    case showSuspension, suspendContract, resumeContract, showNotice, giveNotice

    // before a contract
    case findSellers, showSeller, showAsking, askForContract, listRequests
    case showProfile, saveProfile
    case listNeeds, showNeedForm, postNeed, showNeed, answerNeed, withdrawNeed
    case showAcceptance, acceptAnswer

    // its own rooms and staff
    case listResources, addResource, showResource, saveResource, closeResource, reopenResource
    case chooseResources

    // visits in the calendars that people keep elsewhere
    case downloadVisit, listFeeds, addFeed, endFeed
    case showCalendarMail, setCalendarMail, removeCalendarMail
    // without a login: who knows the address
    case readFeed

    // who acts for the organisation
    case listMembers, showMember, saveMember

    // what one is told, and what went out
    case listAlerts, showBell, markAlertsRead, showAlertSettings, saveAlertSettings, listMessages
    case showTexts, saveTexts, setPatientContact
}

extension PageOperation {
    package var method: String {
        switch self {
        case .bookSeries, .bookTogether: "POST"
        case .signIn, .signOut, .holdTime, .confirmBooking, .releaseBooking, .sayInHandshake,
            .cancelBooking, .moveBooking, .signContract, .publishAvailability,
            .withdrawAvailability,
            .giveAddress, .useLink, .beginSecondFactor, .confirmSecondFactor,
            .removeSecondFactor, .saveSignInSettings, .makeKey, .retireKey:
            "POST"
        case .createStatement, .acceptStatement, .issueInvoice, .importBankFile: "POST"
        case .applyBankEntry, .setBankEntryAside, .takeBackReport: "POST"
        case .setPaymentLimit, .approvePayment, .proposePaymentFile, .approvePaymentFile,
            .withdrawPaymentFile, .importPaymentStatus:
            "POST"
        case .disputeLine, .answerDispute, .creditInvoice, .rateAgain, .writeOffInvoice: "POST"
        case .refundInvoice, .remindOfInvoice: "POST"
        case .proposeNetting, .answerNetting, .recordInvoices, .reportPayment,
            .settleInternally:
            "POST"
        case .closePeriod, .chargeLateInterest, .startBillingRun: "POST"
        case .attendVisit, .sayMinutes, .sayInRoom, .tellOfVisit, .attestSeveral, .sayDuty: "POST"
        case .saveRoomSettings, .loadCallLog: "POST"
        case .makeGuestLink, .revokeGuestLink, .answerGuest, .comeAsGuest, .sayAtDoor,
            .sayInGuestRoom, .saveUnit:
            "POST"
        case .offerVersion, .withdrawVersion, .declineVersion, .suspendContract, .resumeContract,
            .giveNotice:
            "POST"
        case .writeContract, .writeVersion: "POST"
        case .askForContract, .saveProfile, .postNeed, .answerNeed, .withdrawNeed,
            .acceptAnswer, .saveMember, .joinWaitingList, .leaveWaitingList,
            .sayPresence, .noteAbsence, .keepTemplate, .removeTemplate, .changeAvailability,
            .saveApproval, .approveAvailability, .declineAvailability, .importRoster,
            .setBusyCalendar, .removeBusyCalendar, .pauseSale, .endSalePause,
            .saveLimits:
            "POST"
        case .askNow, .acceptDemand, .withdrawDemand: "POST"
        case .makeBlocks, .placeVisits, .giveBackBlock, .withdrawBlock, .sayBlockReady: "POST"
        case .markAlertsRead, .saveAlertSettings, .saveTexts, .setPatientContact: "POST"
        case .addResource, .saveResource, .closeResource, .reopenResource, .chooseResources:
            "POST"
        case .openSession, .bookPlaces, .withdrawSession, .substituteSession, .waitForPlace: "POST"
        case .sendInvoice, .saveReception: "POST"
        case .addFeed, .endFeed, .setCalendarMail, .removeCalendarMail: "POST"
        default:
            "GET"
        }
    }

    /// Whether nobody need be signed in.
    package var isOpen: Bool {
        switch self {
        case .showScript, .showContractScript, .showCalendarScript, .showCalendarStyle,
            .showRoomScript, .showGuestScript, .showCheckScript:
            true
        case .showSignIn, .signIn, .chooseLanguage, .showStyle, .showComponents, .giveAddress,
            .showMailSent, .showProvider, .startAtProvider, .returnFromProvider, .showLink,
            .useLink, .showDemoMail, .readFeed:
            true
        default: isOfGuest
        }
    }

    /// Whether it is asked by a guest of a visit, who has no account: the link is what lets in.
    var isOfGuest: Bool {
        switch self {
        case .showJoin, .comeAsGuest, .showGuestCheck, .followDoor, .sayAtDoor, .followGuestRoom,
            .sayInGuestRoom, .enterRoomAsGuest:
            true
        default: false
        }
    }

    /// Whether who still has to get a second factor may be there.
    var isBeforeSecondFactor: Bool {
        switch self {
        case .beginSecondFactor, .showSecondFactor, .confirmSecondFactor, .signOut: true
        default: isOpen
        }
    }

    enum Route {
        case found(PageOperation, parameter: String)
        case methodNotAllowed
        case nothing
    }

    /// `segments` of the path; a parameter is taken as it came.
    static func route(method: String, segments: [Substring]) -> Route {
        let asked = method == "HEAD" ? "GET" : method
        var pathIsKnown = false
        for operation in allCases {
            guard let parameter = operation.parameter(in: segments) else { continue }
            if operation.method == asked { return .found(operation, parameter: parameter) }
            pathIsKnown = true
        }
        return pathIsKnown ? .methodNotAllowed : .nothing
    }

    /// The parameter's value, of several with a slash between them, empty where the path has none;
    /// nil when the path is another.
    private func parameter(in segments: [Substring]) -> String? {
        let template = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard template.count == segments.count else { return nil }
        var parameter = ""
        for (wanted, found) in zip(template, segments) {
            if wanted.first == "{" {
                parameter += (parameter.isEmpty ? "" : "/") + found
            } else if wanted != found {
                return nil
            }
        }
        return parameter
    }
}
