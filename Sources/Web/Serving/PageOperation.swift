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
    case showCharge, listInvoices, showInvoice, downloadInvoice
    case listBankFiles, importBankFile, showBankFile
    case showTrialBalance, showOpenAmounts, downloadHours
    case showLateInterest, chargeLateInterest
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
        case .closePeriod, .chargeLateInterest: "POST"
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
        case .addFeed, .endFeed, .setCalendarMail, .removeCalendarMail: "POST"
        default:
            "GET"
        }
    }

    /// The path, with its parameters in braces.
    package var path: String {
        switch self {
        case .showStart: "/"
        case .showSignIn, .signIn: "/sign-in"
        case .signOut: "/sign-out"
        case .chooseLanguage: "/language"
        case .showStyle: "/static/aikatori.css"
        case .showComponents: "/components"
        case .findTime: "/find"
        case .showTime: "/time"
        case .holdTime, .listBookings: "/bookings"
        case .showTogether, .bookTogether: "/together"
        case .showSeries, .bookSeries: "/series"
        case .showBooking: "/bookings/{booking}"
        case .confirmBooking: "/bookings/{booking}/confirm"
        case .releaseBooking: "/bookings/{booking}/release"
        case .sayInHandshake: "/bookings/{booking}/handshake"
        case .showCancellation, .cancelBooking: "/bookings/{booking}/cancel"
        case .showWaitingList, .joinWaitingList: "/waiting"
        case .showWaitingForm: "/waiting/new"
        case .leaveWaitingList: "/waiting/leave"
        case .sayPresence: "/day/presence"
        case .showNow, .askNow: "/now"
        case .acceptDemand: "/now/accept"
        case .withdrawDemand: "/now/withdraw"
        case .showResponseTimes: "/contracts/{contract}/response-times"
        case .downloadResponseTimes: "/contracts/{contract}/response-times/table"
        case .listBlocks, .makeBlocks: "/blocks"
        case .showBlockForm: "/blocks/new"
        case .showBlock: "/blocks/{block}"
        case .placeVisits: "/blocks/{block}/visits"
        case .giveBackBlock: "/blocks/{block}/give-back"
        case .withdrawBlock: "/blocks/{block}/withdraw"
        case .sayBlockReady: "/blocks/{block}/ready"
        case .listSessions, .openSession: "/sessions"
        case .showSessionForm: "/sessions/new"
        case .showSession: "/sessions/{session}"
        case .bookPlaces: "/sessions/{session}/places"
        case .withdrawSession: "/sessions/{session}/withdraw"
        case .substituteSession: "/sessions/{session}/substitute"
        case .waitForPlace: "/sessions/{session}/wait"
        case .showMove, .moveBooking: "/bookings/{booking}/move"
        case .listContracts: "/contracts"
        case .showScript: "/static/aikatori.js"
        case .showCalendarScript: "/static/calendar.js"
        case .showCalendarStyle: "/static/calendar.css"
        case .followChanges: "/live"
        case .showContract: "/contracts/{contract}"
        case .signContract: "/contracts/{contract}/signatures"
        case .listStatements, .createStatement: "/statements"
        case .showStatement: "/statements/{statement}"
        case .acceptStatement: "/statements/{statement}/accept"
        case .issueInvoice: "/statements/{statement}/invoices"
        case .showCharge: "/charges/{charge}"
        case .listInvoices: "/invoices"
        case .showInvoice: "/invoices/{invoice}"
        case .downloadInvoice: "/invoices/{invoice}/ubl"
        case .listBankFiles, .importBankFile: "/bank-files"
        case .showBankFile: "/bank-files/{bank_file}"
        case .showTrialBalance: "/trial-balance"
        case .showOpenAmounts: "/open-amounts"
        case .showLateInterest, .chargeLateInterest: "/invoices/{invoice}/late-interest"
        case .showPeriods, .closePeriod: "/periods"
        case .showMonth: "/month"
        case .showAccountStatement: "/account-statement"
        case .showAgeing: "/ageing"
        case .downloadJournal: "/journal"
        case .downloadHours: "/hours"
        case .showCalendar: "/calendar"
        case .showPublishing: "/availability/new"
        case .publishAvailability: "/availability"
        case .showAvailability: "/availability/{availability}"
        case .withdrawAvailability: "/availability/{availability}/withdraw"
        case .showAvailabilityChange, .changeAvailability: "/availability/{availability}/change"
        case .keepTemplate: "/availability/{availability}/template"
        case .removeTemplate: "/availability-templates/remove"
        case .listProposedTime: "/availability/proposals"
        case .saveApproval: "/availability/approval"
        case .approveAvailability: "/availability/{availability}/approve"
        case .declineAvailability: "/availability/{availability}/decline"
        case .showRoster, .importRoster: "/roster"
        case .showBusyCalendar, .setBusyCalendar: "/busy-calendar"
        case .removeBusyCalendar: "/busy-calendar/remove"
        case .showSalePause: "/sale-pauses/new"
        case .pauseSale: "/sale-pauses"
        case .showLimits, .saveLimits: "/working-limits"
        case .endSalePause: "/sale-pauses/end"
        case .showAbsence: "/absence"
        case .noteAbsence: "/absences"
        case .listProposals: "/proposals"
        case .giveAddress: "/sign-in/address"
        case .showMailSent: "/sign-in/sent"
        case .showProvider: "/sign-in/provider"
        case .startAtProvider: "/sign-in/provider/start"
        case .returnFromProvider: "/sign-in/return"
        case .showLink, .useLink: "/sign-in/link"
        case .showDemoMail: "/mail"
        case .showAccount: "/account"
        case .beginSecondFactor, .showSecondFactor: "/account/second-factor"
        case .confirmSecondFactor: "/account/second-factor/confirm"
        case .removeSecondFactor: "/account/second-factor/remove"
        case .showSignInSettings, .saveSignInSettings: "/settings/sign-in"
        case .showDay: "/day"
        case .showVisit: "/visits/{booking}"
        case .attendVisit: "/visits/{booking}/attendance"
        case .sayMinutes: "/visits/{booking}/minutes"
        case .tellOfVisit: "/visits/{booking}/reports"
        case .sayDuty: "/visits/{booking}/duty"
        case .listMinutes, .attestSeveral: "/minutes"
        case .followRoom, .sayInRoom: "/visits/{booking}/room"
        case .showRoomScript: "/static/room.js"
        case .enterRoom: "/visits/{booking}/enter"
        case .enterRoomAsGuest: "/join/{link}/enter"
        case .showRoomSettings, .saveRoomSettings: "/settings/rooms"
        case .showCallLog, .loadCallLog: "/call-log"
        case .showGuestLinks, .makeGuestLink: "/visits/{booking}/guests"
        case .revokeGuestLink: "/visits/{booking}/guests/revoke"
        case .answerGuest: "/visits/{booking}/door"
        case .showCheck: "/visits/{booking}/check"
        case .showJoin, .comeAsGuest: "/join/{link}"
        case .showGuestCheck: "/join/{link}/check"
        case .followDoor, .sayAtDoor: "/join/{link}/door"
        case .followGuestRoom, .sayInGuestRoom: "/join/{link}/room"
        case .showGuestScript: "/static/guest.js"
        case .showCheckScript: "/static/check.js"
        case .listUnits, .saveUnit: "/settings/units"
        case .showPrice: "/contracts/{contract}/price"
        case .downloadContract: "/contracts/{contract}/jws"
        case .downloadDocument: "/contracts/{contract}/document"
        case .showKeys, .makeKey: "/settings/keys"
        case .retireKey: "/settings/keys/retire"
        case .showChanges: "/contracts/{contract}/versions/{number}/changes"
        case .offerVersion: "/contracts/{contract}/offer"
        case .withdrawVersion: "/contracts/{contract}/withdraw"
        case .showDeclining, .declineVersion: "/contracts/{contract}/decline"
        case .showSuspension, .suspendContract: "/contracts/{contract}/suspend"
        case .resumeContract: "/contracts/{contract}/resume"
        case .showNotice, .giveNotice: "/contracts/{contract}/notice"
        case .showNewContract: "/contracts/new"
        case .beginContract, .writeContract: "/contracts/new/form"
        case .beginVersion, .writeVersion: "/contracts/{contract}/versions/new"
        case .showContractScript: "/static/contract.js"
        case .findSellers: "/sellers"
        case .showSeller: "/sellers/{seller}"
        case .showAsking, .askForContract: "/sellers/{seller}/ask"
        case .listRequests: "/contract-requests"
        case .showProfile, .saveProfile: "/profile"
        case .listNeeds, .postNeed: "/needs"
        case .showNeedForm: "/needs/new"
        case .showNeed: "/needs/{need}"
        case .answerNeed: "/needs/{need}/answers"
        case .withdrawNeed: "/needs/{need}/withdraw"
        case .showAcceptance, .acceptAnswer: "/needs/{need}/accept"
        case .listResources, .addResource: "/resources"
        case .showResource, .saveResource: "/resources/{resource}"
        case .closeResource: "/resources/{resource}/closures"
        case .reopenResource: "/resources/{resource}/reopen"
        case .chooseResources: "/bookings/{booking}/resources"
        case .downloadVisit: "/bookings/{booking}/calendar"
        case .listFeeds, .addFeed: "/calendar-feeds"
        case .endFeed: "/calendar-feeds/end"
        case .readFeed: "/calendars/{calendar}"
        case .showCalendarMail, .setCalendarMail: "/settings/calendar-mail"
        case .removeCalendarMail: "/settings/calendar-mail/remove"
        case .listAlerts: "/alerts"
        case .showBell: "/alerts/bell"
        case .markAlertsRead: "/alerts/read"
        case .showAlertSettings, .saveAlertSettings: "/alerts/settings"
        case .listMessages: "/settings/messages"
        case .showTexts, .saveTexts: "/settings/texts"
        case .setPatientContact: "/bookings/{booking}/patient-contact"
        case .listMembers: "/settings/members"
        case .showMember, .saveMember: "/settings/members/{member}"
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
