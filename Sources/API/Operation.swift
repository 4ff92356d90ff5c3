/// Everything that can be asked of the API: one case for each operationId of `api/openapi.yaml`,
/// which is the source of truth; a test compares the two both ways.
package enum Operation: String, Hashable, Sendable, CaseIterable {
    // organisations
    case getOrganisation, updateOrganisation, listOrganisations
    case listOrganisationKeys, addOrganisationKey, retireOrganisationKey
    case getSignInSettings, updateSignInSettings
    case listUnits, createUnit, getUnit, updateUnit
    case listMembers, createMember, getMember, updateMember
    case listCredentials, issueCredential, revokeCredential
    case listSpecialists, createSpecialist, getSpecialist, updateSpecialist
    case listLicences, addLicence

    // contracts
    case checkContract, listContractTemplates, getContractTemplate
    case listContracts, draftContract, getContract, amendContract
    case getSignedContract, importContract
    case getContractVersion, signContractVersion, priceVisit
    case offerContractVersion, withdrawContractVersion, declineContractVersion
    case compareContractVersions, suspendContract, resumeContract, getNoticeEffect, giveNotice
    case getCommitment

    // before a contract
    case getProfile, updateProfile, findProfiles, readProfile
    case askForContract, listContractRequests
    case postNeed, listNeeds, getNeed, withdrawNeed, answerNeed, acceptNeedAnswer

    // availability, search and booking
    case listAvailability, publishAvailability, getAvailability, withdrawAvailability
    case previewAvailabilityChange, changeAvailability
    case listAvailabilityTemplates, addAvailabilityTemplate, removeAvailabilityTemplate
    case publishFromTemplate, copyAvailability
    case getAvailabilityApproval, updateAvailabilityApproval, listProposedAvailability
    case approveAvailability, declineAvailability
    case previewRoster, importRoster
    case getBusyCalendar, setBusyCalendar, removeBusyCalendar
    case previewSalePause, pauseSale, endSalePause
    case getCalendar, getUnitCalendar, findTimes, findTimesByHour, findNearestTimes
    case listPresentSpecialists, sayPresent, sayAbsent
    case previewAbsence, noteAbsence, previewUnitAbsence, noteUnitAbsence
    // before those whose path has a parameter in the same place
    case bookSeries, previewSeries, findTimesTogether, bookTogether
    case listBookings, bookTime, getBooking, confirmBooking, releaseBooking
    case getCancellationCost, cancelBooking, moveBooking
    case joinWaitingList, listWaitingList, getWaitingEntry, leaveWaitingList
    case askNow, listDemands, getDemand, acceptDemand, withdrawDemand
    case getResponseTimes, getResponseTimesTable
    case makeBlocks, listBlocks, getBlock, placeVisits, giveBackBlock, withdrawBlock
    case sayBlockReady
    case listResources, addResource, getResource, updateResource, getResourceCalendar
    case closeResource, reopenResource, chooseResources
    case openGroupSession, listGroupSessions, getGroupSession, bookPlaces, withdrawGroupSession
    case substituteGroupSession, findGroupSessions, waitForPlace

    // the handshake and the visit
    case listHandshakes, getHandshake, sendHandshakeMessage
    case issueJoinToken, getVisit, attestMinutes, recordAttendance
    case getRoomSettings, updateRoomSettings, listRoomProviders, enterRoom
    case previewCallLog, importCallLog
    case issueGuestLink, listGuestLinks, revokeGuestLink, letGuestIn, putGuestOut
    case reportVisit, listMinutes, attestSeveral, beginDuty, endDuty
    case getBookingCalendar, listCalendarFeeds, addCalendarFeed, revokeCalendarFeed
    case listCalendarMailboxes, setCalendarMailbox, removeCalendarMailbox

    // money
    case listCharges, getCharge, getSoldHours
    case listStatements, createStatement, getStatement, acceptStatement
    case disputeLine, listDisputes, getDispute, answerDispute
    case listBillingRuns, startBillingRun, getBillingRun
    case listInvoices, issueInvoice, getInvoice, getInvoiceDocument
    case listPayables, setPaymentLimit, approveInvoicePayment, listPaymentFiles, getPaymentFile
    case getPaymentFileDocument, importPaymentStatus, approvePaymentFile, withdrawPaymentFile
    case proposePaymentFile
    case getInvoiceFinvoice, getInvoicePDF
    case getInvoiceReception, updateInvoiceReception
    case listInvoiceDeliveries, answerInvoiceDelivery, sendInvoice
    case getBankEntry, applyBankEntry, setBankEntryAside, takeBackReport
    case getRatingAgain, rateAgain
    case listCreditNotes, creditInvoice, getCreditNote, getCreditNoteDocument
    case writeOffInvoice, refundInvoice, remindOfInvoice
    case getInvoiceBasis, getInvoiceBasisTable, recordInvoices, recordCreditNote, reportPayments
    case settleInternally, getInternalCharge, getInternalChargeTable
    case listNettingRounds, proposeNetting, getNettingRound, answerNetting
    case listBankFiles, importBankFile, getBankFile, listBankEntries
    case getTrialBalance, listEntries, compareBooks, listOpenAmounts
    case getLateInterest, chargeLateInterest
    case getPeriods, closePeriod, getMonthBalance, getAccountStatement, getAgeing, getJournal

    // records
    case listEvents, listAuditFacts, exportAudit

    // alerts and messages
    case listToDo, listAlerts, markAlertsRead, getAlertSettings, updateAlertSettings
    case listMessages, getTextGateway, updateTextGateway
    case getPatientContact, setPatientContact, removePatientContact

    // the server itself
    case getHealth, getReadiness, getDescription, getKeySet, listAuditCheckpoints
}

extension Operation {
    package enum Method: String, Hashable, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
    }

    /// What the `Authorization` header must hold.
    package enum Credential: Hashable, Sendable {
        /// A token of a member or a machine of an organisation.
        case organisation
        /// A token that lets one person into one visit.
        case joinToken
        case nothing
    }

    package enum Body: Hashable, Sendable {
        case none
        case json
        /// A bank's file.
        case xml

        /// The most bytes that are read.
        package var limit: Int {
            switch self {
            case .none: 0
            case .json: 1_048_576
            case .xml: 10_485_760
            }
        }
    }

    package var credential: Credential {
        switch self {
        case .recordAttendance, .enterRoom: .joinToken
        case .getHealth, .getReadiness, .getDescription, .getKeySet, .listAuditCheckpoints: .nothing
        default: .organisation
        }
    }

    package var method: Method {
        switch self {
        case .updateOrganisation, .updateSignInSettings, .updateUnit, .updateMember,
            .updateSpecialist, .updateProfile, .updateAvailabilityApproval, .updateResource,
            .updateAlertSettings, .updateTextGateway, .updateRoomSettings,
            .updateInvoiceReception:
            .put
        case .createUnit, .createMember, .issueCredential, .revokeCredential, .createSpecialist,
            .addLicence, .checkContract, .draftContract, .amendContract, .signContractVersion,
            .priceVisit, .publishAvailability, .withdrawAvailability, .bookTime, .bookSeries,
            .previewSeries, .findTimesTogether, .bookTogether, .confirmBooking, .releaseBooking,
            .cancelBooking, .moveBooking,
            .sendHandshakeMessage, .issueJoinToken, .attestMinutes, .recordAttendance,
            .createStatement, .acceptStatement, .issueInvoice, .importBankFile,
            .addOrganisationKey, .retireOrganisationKey, .importContract:
            .post
        case .previewAvailabilityChange, .changeAvailability, .addAvailabilityTemplate,
            .removeAvailabilityTemplate, .publishFromTemplate, .copyAvailability,
            .approveAvailability, .declineAvailability, .previewRoster, .importRoster,
            .setBusyCalendar, .removeBusyCalendar, .pauseSale, .endSalePause:
            .post
        case .offerContractVersion, .withdrawContractVersion, .declineContractVersion,
            .suspendContract, .resumeContract, .giveNotice:
            .post
        case .askForContract, .postNeed, .withdrawNeed, .answerNeed, .acceptNeedAnswer,
            .joinWaitingList, .leaveWaitingList, .sayPresent, .sayAbsent, .noteAbsence,
            .noteUnitAbsence:
            .post
        case .makeBlocks, .placeVisits, .giveBackBlock, .withdrawBlock, .sayBlockReady,
            .addResource,
            .closeResource, .reopenResource, .chooseResources, .openGroupSession,
            .bookPlaces, .withdrawGroupSession, .substituteGroupSession, .waitForPlace,
            .markAlertsRead, .setPatientContact, .removePatientContact:
            .post
        case .issueGuestLink, .revokeGuestLink, .letGuestIn, .putGuestOut: .post
        case .applyBankEntry, .setBankEntryAside, .takeBackReport: .post
        case .setPaymentLimit, .approveInvoicePayment, .importPaymentStatus, .approvePaymentFile,
            .withdrawPaymentFile, .proposePaymentFile:
            .post
        case .askNow, .acceptDemand, .withdrawDemand: .post
        case .sendInvoice, .answerInvoiceDelivery: .post
        case .closePeriod, .chargeLateInterest, .startBillingRun: .post
        case .reportVisit, .attestSeveral, .beginDuty, .endDuty: .post
        case .disputeLine, .answerDispute, .creditInvoice, .rateAgain, .writeOffInvoice: .post
        case .refundInvoice, .remindOfInvoice: .post
        case .proposeNetting, .answerNetting, .recordInvoices, .recordCreditNote, .reportPayments,
            .settleInternally:
            .post
        case .enterRoom, .previewCallLog, .importCallLog: .post
        case .addCalendarFeed, .revokeCalendarFeed, .setCalendarMailbox, .removeCalendarMailbox:
            .post
        default:
            .get
        }
    }

    package var body: Body {
        switch (method, self) {
        case (.get, _): .none
        case (_, .importBankFile), (_, .importPaymentStatus): .xml
        case (_, .revokeCredential), (_, .withdrawAvailability), (_, .confirmBooking),
            (_, .releaseBooking), (_, .retireOrganisationKey):
            .none
        case (_, .offerContractVersion), (_, .withdrawContractVersion), (_, .resumeContract): .none
        case (_, .withdrawNeed), (_, .leaveWaitingList), (_, .sayAbsent), (_, .withdrawBlock):
            .none
        case (_, .removeAvailabilityTemplate), (_, .approveAvailability): .none
        case (_, .removeBusyCalendar), (_, .endSalePause), (_, .reopenResource): .none
        case (_, .revokeCalendarFeed), (_, .removeCalendarMailbox): .none
        case (_, .removePatientContact), (_, .withdrawDemand): .none
        case (_, .beginDuty), (_, .endDuty), (_, .setBankEntryAside), (_, .sendInvoice): .none
        case (_, .takeBackReport), (_, .remindOfInvoice): .none
        case (_, .approveInvoicePayment), (_, .approvePaymentFile), (_, .withdrawPaymentFile): .none
        case (_, .revokeGuestLink), (_, .putGuestOut), (_, .enterRoom): .none
        case (.post, _), (.put, _): .json
        }
    }

    /// The status of success: 201 where something new can be found again.
    package var success: Int {
        switch self {
        case .createUnit, .createMember, .issueCredential, .createSpecialist, .addLicence,
            .draftContract, .amendContract, .signContractVersion, .publishAvailability,
            .bookTime, .bookSeries, .bookTogether, .issueJoinToken, .createStatement, .issueInvoice,
            .importBankFile, .addOrganisationKey, .importContract, .askForContract, .postNeed,
            .acceptNeedAnswer, .joinWaitingList, .changeAvailability, .addAvailabilityTemplate,
            .publishFromTemplate, .copyAvailability, .makeBlocks, .placeVisits, .pauseSale,
            .addResource, .openGroupSession, .bookPlaces, .waitForPlace, .issueGuestLink,
            .addCalendarFeed, .askNow, .proposePaymentFile, .disputeLine, .creditInvoice,
            .closePeriod, .chargeLateInterest, .rateAgain, .startBillingRun, .writeOffInvoice,
            .refundInvoice, .remindOfInvoice, .proposeNetting, .recordInvoices, .recordCreditNote,
            .reportPayments,
            .settleInternally:
            201
        default:
            200
        }
    }

    /// A POST that changes something can be repeated safely (invariant 31). An observation of
    /// attendance carries an identifier of its own.
    package var requiresIdempotencyKey: Bool {
        switch self {
        case .checkContract, .priceVisit, .previewSeries, .findTimesTogether, .recordAttendance,
            .previewAvailabilityChange, .previewRoster, .enterRoom, .previewCallLog:
            false
        default: method == .post
        }
    }

    /// An edit says which revision it edits.
    package var requiresIfMatch: Bool { method == .put || self == .moveBooking }
}
