extension Operation {
    /// The one place where an operation meets its handler; the compiler sees that none is
    /// forgotten. In parts for their length only.
    func handle(_ call: Call) async throws -> Reply {
        switch self {
        case .getOrganisation, .updateOrganisation, .getSignInSettings, .updateSignInSettings,
            .listOrganisations, .listOrganisationKeys, .addOrganisationKey, .retireOrganisationKey,
            .listUnits, .createUnit, .getUnit, .updateUnit, .listMembers, .createMember, .getMember,
            .updateMember, .listCredentials, .issueCredential, .revokeCredential, .listSpecialists,
            .createSpecialist, .getSpecialist, .updateSpecialist, .listLicences, .addLicence:
            try await handleOrganisation(call)
        case .listAvailability, .publishAvailability, .getAvailability, .withdrawAvailability,
            .getCalendar, .findTimes, .findNearestTimes, .listPresentSpecialists, .sayPresent,
            .sayAbsent, .listBookings, .bookTime, .bookSeries, .previewSeries, .findTimesTogether,
            .bookTogether, .moveBooking, .getBooking, .confirmBooking, .releaseBooking,
            .getCancellationCost, .cancelBooking, .joinWaitingList, .listWaitingList,
            .getWaitingEntry, .leaveWaitingList, .makeBlocks, .listBlocks, .getBlock, .placeVisits,
            .giveBackBlock, .withdrawBlock, .sayBlockReady, .listResources, .addResource,
            .getResource, .updateResource, .getResourceCalendar, .closeResource, .reopenResource,
            .chooseResources, .openGroupSession, .listGroupSessions, .getGroupSession, .bookPlaces,
            .withdrawGroupSession, .substituteGroupSession, .findGroupSessions, .waitForPlace,
            .askNow, .listDemands, .getDemand, .acceptDemand, .withdrawDemand, .getResponseTimes,
            .getResponseTimesTable:
            try await handleScheduling(call)
        case .previewAvailabilityChange, .changeAvailability, .copyAvailability,
            .listAvailabilityTemplates, .addAvailabilityTemplate, .removeAvailabilityTemplate,
            .publishFromTemplate, .getAvailabilityApproval, .updateAvailabilityApproval,
            .listProposedAvailability, .approveAvailability, .declineAvailability, .previewRoster,
            .importRoster, .getBusyCalendar, .setBusyCalendar, .removeBusyCalendar, .previewAbsence,
            .noteAbsence, .previewUnitAbsence, .noteUnitAbsence, .previewSalePause, .pauseSale,
            .endSalePause, .getUnitCalendar, .findTimesByHour:
            try await handleAvailability(call)
        case .listHandshakes, .getHandshake, .sendHandshakeMessage, .issueJoinToken, .getVisit,
            .attestMinutes, .reportVisit, .listMinutes, .attestSeveral, .beginDuty, .endDuty,
            .recordAttendance, .issueGuestLink, .listGuestLinks, .revokeGuestLink, .letGuestIn,
            .putGuestOut, .listCharges, .getCharge, .getSoldHours, .listStatements,
            .createStatement, .getStatement, .acceptStatement, .listInvoices, .issueInvoice,
            .getInvoice, .getInvoiceDocument, .getInvoiceFinvoice, .getInvoicePDF, .listBankFiles,
            .importBankFile, .getBankFile, .listBankEntries, .getBankEntry, .applyBankEntry,
            .setBankEntryAside, .listToDo, .getHealth, .getReadiness, .getDescription, .getKeySet:
            try await handleAfterBooking(call)
        case .getInvoiceReception, .updateInvoiceReception, .listInvoiceDeliveries, .sendInvoice,
            .answerInvoiceDelivery, .getTrialBalance, .listEntries, .compareBooks, .listOpenAmounts,
            .getPeriods, .closePeriod, .getMonthBalance, .getAccountStatement, .getAgeing,
            .getJournal, .getLateInterest, .chargeLateInterest, .listPayables, .setPaymentLimit,
            .approveInvoicePayment, .listPaymentFiles, .getPaymentFile, .getPaymentFileDocument,
            .importPaymentStatus, .approvePaymentFile, .withdrawPaymentFile, .proposePaymentFile,
            .listBillingRuns, .startBillingRun, .getBillingRun, .disputeLine, .listDisputes,
            .getDispute, .answerDispute, .getRatingAgain, .rateAgain, .listCreditNotes,
            .creditInvoice, .getCreditNote, .getCreditNoteDocument, .writeOffInvoice,
            .refundInvoice, .remindOfInvoice, .takeBackReport, .listNettingRounds, .proposeNetting,
            .getNettingRound, .answerNetting, .getInvoiceBasis, .getInvoiceBasisTable,
            .recordInvoices, .recordCreditNote, .reportPayments, .settleInternally,
            .getInternalCharge, .getInternalChargeTable:
            try await handlePayments(call)
        case .listEvents, .listAuditFacts, .exportAudit, .listAuditCheckpoints, .listMessages,
            .listAlerts, .markAlertsRead, .getAlertSettings, .updateAlertSettings, .getTextGateway,
            .updateTextGateway, .getPatientContact, .setPatientContact, .removePatientContact:
            try await handleAlerts(call)
        case .updateRoomSettings, .listRoomProviders, .enterRoom, .previewCallLog, .importCallLog,
            .getBookingCalendar, .listCalendarFeeds, .addCalendarFeed, .revokeCalendarFeed,
            .getRoomSettings, .listCalendarMailboxes, .setCalendarMailbox, .removeCalendarMailbox:
            try await handleRooms(call)
        case .getProfile, .updateProfile, .findProfiles, .readProfile, .askForContract, .postNeed,
            .listContractRequests, .listNeeds, .getNeed, .withdrawNeed, .answerNeed, .getCommitment,
            .acceptNeedAnswer, .checkContract, .listContractTemplates, .getContractTemplate,
            .listContracts, .draftContract, .getContract, .amendContract, .getContractVersion,
            .signContractVersion, .offerContractVersion, .withdrawContractVersion,
            .declineContractVersion, .compareContractVersions, .suspendContract, .resumeContract,
            .getNoticeEffect, .giveNotice, .getSignedContract, .importContract, .priceVisit:
            try await handleContractLife(call)
        }
    }

    private func handleOrganisation(_ call: Call) async throws -> Reply {
        switch self {
        case .listSpecialists: try await OrganisationHandlers.listSpecialists(call)
        case .createSpecialist: try await OrganisationHandlers.createSpecialist(call)
        case .getSpecialist: try await OrganisationHandlers.getSpecialist(call)
        case .updateSpecialist: try await OrganisationHandlers.updateSpecialist(call)
        case .listLicences: try await OrganisationHandlers.listLicences(call)
        case .addLicence: try await OrganisationHandlers.addLicence(call)
        case .listOrganisations: try await OrganisationHandlers.listOrganisations(call)
        case .listOrganisationKeys: try await OrganisationHandlers.listOrganisationKeys(call)
        case .addOrganisationKey: try await KeyHandlers.addOrganisationKey(call)
        case .retireOrganisationKey: try await KeyHandlers.retireOrganisationKey(call)
        case .updateOrganisation: try await OrganisationHandlers.updateOrganisation(call)
        case .getSignInSettings: try await OrganisationHandlers.getSignInSettings(call)
        case .updateSignInSettings: try await OrganisationHandlers.updateSignInSettings(call)
        case .listUnits: try await OrganisationHandlers.listUnits(call)
        case .createUnit: try await OrganisationHandlers.createUnit(call)
        case .getUnit: try await OrganisationHandlers.getUnit(call)
        case .updateUnit: try await OrganisationHandlers.updateUnit(call)
        case .listMembers: try await OrganisationHandlers.listMembers(call)
        case .createMember: try await OrganisationHandlers.createMember(call)
        case .getMember: try await OrganisationHandlers.getMember(call)
        case .updateMember: try await OrganisationHandlers.updateMember(call)
        case .listCredentials: try await OrganisationHandlers.listCredentials(call)
        case .issueCredential: try await OrganisationHandlers.issueCredential(call)
        case .revokeCredential: try await OrganisationHandlers.revokeCredential(call)
        default: try await OrganisationHandlers.getOrganisation(call)
        }
    }

    private func handleCalendars(_ call: Call) async throws -> Reply {
        switch self {
        case .getBookingCalendar: try await CalendarHandlers.visit(call)
        case .listCalendarFeeds: try await CalendarHandlers.listFeeds(call)
        case .addCalendarFeed: try await CalendarHandlers.addFeed(call)
        case .revokeCalendarFeed: try await CalendarHandlers.revokeFeed(call)
        case .listCalendarMailboxes: try await CalendarHandlers.listMailboxes(call)
        case .setCalendarMailbox: try await CalendarHandlers.setMailbox(call)
        case .removeCalendarMailbox: try await CalendarHandlers.removeMailbox(call)
        default: throw Unhandled(operation: self)
        }
    }

    private func handleScheduling(_ call: Call) async throws -> Reply {
        switch self {
        case .listAvailability: try await SchedulingHandlers.listAvailability(call)
        case .publishAvailability: try await SchedulingHandlers.publishAvailability(call)
        case .getAvailability: try await SchedulingHandlers.getAvailability(call)
        case .withdrawAvailability: try await SchedulingHandlers.withdrawAvailability(call)
        case .getCalendar: try await SchedulingHandlers.getCalendar(call)
        case .findTimes: try await FindingHandlers.findTimes(call)
        case .findNearestTimes: try await FindingHandlers.findNearestTimes(call)
        case .listPresentSpecialists: try await PresenceHandlers.list(call)
        case .sayPresent: try await PresenceHandlers.sayPresent(call)
        case .sayAbsent: try await PresenceHandlers.sayAbsent(call)
        case .listBookings: try await SchedulingHandlers.listBookings(call)
        case .bookTime: try await SchedulingHandlers.bookTime(call)
        case .bookSeries: try await SeriesHandlers.bookSeries(call)
        case .findTimesTogether: try await TogetherHandlers.findTimes(call)
        case .bookTogether: try await TogetherHandlers.book(call)
        case .previewSeries: try await SeriesHandlers.previewSeries(call)
        case .moveBooking: try await SchedulingHandlers.moveBooking(call)
        case .getBooking: try await SchedulingHandlers.getBooking(call)
        case .confirmBooking: try await SchedulingHandlers.confirmBooking(call)
        case .releaseBooking: try await SchedulingHandlers.releaseBooking(call)
        case .getCancellationCost: try await SchedulingHandlers.getCancellationCost(call)
        case .cancelBooking: try await SchedulingHandlers.cancelBooking(call)
        case .joinWaitingList: try await WaitingHandlers.join(call)
        case .listWaitingList: try await WaitingHandlers.list(call)
        case .getWaitingEntry: try await WaitingHandlers.get(call)
        case .leaveWaitingList: try await WaitingHandlers.leave(call)
        case .makeBlocks: try await BlockHandlers.make(call)
        case .listBlocks: try await BlockHandlers.list(call)
        case .getBlock: try await BlockHandlers.get(call)
        case .placeVisits: try await BlockHandlers.place(call)
        case .giveBackBlock: try await BlockHandlers.giveBack(call)
        case .sayBlockReady: try await BlockHandlers.ready(call)
        case .withdrawBlock: try await BlockHandlers.withdraw(call)
        default: try await handleResources(call)
        }
    }

    private func handleResources(_ call: Call) async throws -> Reply {
        switch self {
        case .listResources: try await ResourceHandlers.list(call)
        case .addResource: try await ResourceHandlers.add(call)
        case .getResource: try await ResourceHandlers.get(call)
        case .updateResource: try await ResourceHandlers.update(call)
        case .getResourceCalendar: try await ResourceHandlers.calendar(call)
        case .closeResource: try await ResourceHandlers.close(call)
        case .reopenResource: try await ResourceHandlers.reopen(call)
        case .chooseResources: try await ResourceHandlers.choose(call)
        default: try await handleGroupSessions(call)
        }
    }

    private func handleGroupSessions(_ call: Call) async throws -> Reply {
        switch self {
        case .openGroupSession: try await GroupSessionHandlers.open(call)
        case .listGroupSessions: try await GroupSessionHandlers.list(call)
        case .getGroupSession: try await GroupSessionHandlers.get(call)
        case .bookPlaces: try await GroupSessionHandlers.book(call)
        case .withdrawGroupSession: try await GroupSessionHandlers.withdraw(call)
        case .substituteGroupSession: try await GroupSessionHandlers.substitute(call)
        case .findGroupSessions: try await FindingHandlers.findGroupSessions(call)
        case .waitForPlace: try await GroupSessionHandlers.wait(call)
        default: try await handleDemands(call)
        }
    }

    private func handleDemands(_ call: Call) async throws -> Reply {
        switch self {
        case .askNow: try await DemandHandlers.ask(call)
        case .listDemands: try await DemandHandlers.list(call)
        case .getDemand: try await DemandHandlers.get(call)
        case .acceptDemand: try await DemandHandlers.accept(call)
        case .withdrawDemand: try await DemandHandlers.withdraw(call)
        case .getResponseTimes: try await DemandHandlers.responseTimes(call)
        case .getResponseTimesTable: try await DemandHandlers.responseTimesTable(call)
        default: throw Unhandled(operation: self)
        }
    }

    private func handleAvailability(_ call: Call) async throws -> Reply {
        switch self {
        case .previewAvailabilityChange: try await AvailabilityHandlers.previewChange(call)
        case .changeAvailability: try await AvailabilityHandlers.change(call)
        case .copyAvailability: try await AvailabilityHandlers.copy(call)
        case .listAvailabilityTemplates: try await AvailabilityHandlers.listTemplates(call)
        case .addAvailabilityTemplate: try await AvailabilityHandlers.addTemplate(call)
        case .removeAvailabilityTemplate: try await AvailabilityHandlers.removeTemplate(call)
        case .publishFromTemplate: try await AvailabilityHandlers.publishFromTemplate(call)
        case .getAvailabilityApproval: try await ApprovalHandlers.get(call)
        case .updateAvailabilityApproval: try await ApprovalHandlers.update(call)
        case .listProposedAvailability: try await ApprovalHandlers.list(call)
        case .approveAvailability: try await ApprovalHandlers.approve(call)
        case .declineAvailability: try await ApprovalHandlers.decline(call)
        case .previewRoster: try await RosterHandlers.preview(call)
        case .importRoster: try await RosterHandlers.importFile(call)
        case .getBusyCalendar: try await BusyCalendarHandlers.get(call)
        case .setBusyCalendar: try await BusyCalendarHandlers.set(call)
        case .previewAbsence: try await AbsenceHandlers.previewAbsence(call)
        case .noteAbsence: try await AbsenceHandlers.noteAbsence(call)
        case .previewUnitAbsence: try await AbsenceHandlers.previewUnitAbsence(call)
        case .noteUnitAbsence: try await AbsenceHandlers.noteUnitAbsence(call)
        case .removeBusyCalendar: try await BusyCalendarHandlers.remove(call)
        case .previewSalePause: try await SalePauseHandlers.preview(call)
        case .pauseSale: try await SalePauseHandlers.pause(call)
        case .endSalePause: try await SalePauseHandlers.end(call)
        case .getUnitCalendar: try await SchedulingHandlers.getUnitCalendar(call)
        case .findTimesByHour: try await FindingHandlers.findTimesByHour(call)
        default: throw Unhandled(operation: self)
        }
    }

    private func handleContractLife(_ call: Call) async throws -> Reply {
        switch self {
        case .checkContract: try await ContractHandlers.checkContract(call)
        case .listContractTemplates: try await ContractHandlers.listContractTemplates(call)
        case .getContractTemplate: try await ContractHandlers.getContractTemplate(call)
        case .listContracts: try await ContractHandlers.listContracts(call)
        case .draftContract: try await ContractHandlers.draftContract(call)
        case .getContract: try await ContractHandlers.getContract(call)
        case .amendContract: try await ContractHandlers.amendContract(call)
        case .getContractVersion: try await ContractHandlers.getContractVersion(call)
        case .signContractVersion: try await ContractHandlers.signContractVersion(call)
        case .getSignedContract: try await ContractHandlers.getSignedContract(call)
        case .importContract: try await ContractHandlers.importContract(call)
        case .priceVisit: try await ContractHandlers.priceVisit(call)
        case .offerContractVersion: try await ContractLifeHandlers.offer(call)
        case .withdrawContractVersion: try await ContractLifeHandlers.withdraw(call)
        case .declineContractVersion: try await ContractLifeHandlers.decline(call)
        case .compareContractVersions: try await ContractLifeHandlers.compare(call)
        case .suspendContract: try await ContractLifeHandlers.suspend(call)
        case .resumeContract: try await ContractLifeHandlers.resume(call)
        case .getNoticeEffect: try await ContractLifeHandlers.noticeEffect(call)
        case .giveNotice: try await ContractLifeHandlers.giveNotice(call)
        case .getCommitment: try await ContractLifeHandlers.commitment(call)
        default: try await handleBeforeContract(call)
        }
    }

    private func handleAfterBooking(_ call: Call) async throws -> Reply {
        switch self {
        case .listHandshakes: try await VisitHandlers.listHandshakes(call)
        case .getHandshake: try await VisitHandlers.getHandshake(call)
        case .sendHandshakeMessage: try await VisitHandlers.sendHandshakeMessage(call)
        case .issueJoinToken: try await VisitHandlers.issueJoinToken(call)
        case .getVisit: try await VisitHandlers.getVisit(call)
        case .attestMinutes: try await MinutesHandlers.attest(call)
        case .reportVisit: try await MinutesHandlers.report(call)
        case .beginDuty: try await VisitHandlers.sayDuty(call, isOn: true)
        case .endDuty: try await VisitHandlers.sayDuty(call, isOn: false)
        case .listMinutes: try await MinutesHandlers.list(call)
        case .attestSeveral: try await MinutesHandlers.attestSeveral(call)
        case .recordAttendance: try await VisitHandlers.recordAttendance(call)
        case .issueGuestLink: try await GuestHandlers.issueGuestLink(call)
        case .listGuestLinks: try await GuestHandlers.listGuestLinks(call)
        case .revokeGuestLink: try await GuestHandlers.revokeGuestLink(call)
        case .letGuestIn: try await GuestHandlers.letGuestIn(call)
        case .putGuestOut: try await GuestHandlers.putGuestOut(call)
        case .listCharges: try await BillingHandlers.listCharges(call)
        case .getCharge: try await BillingHandlers.getCharge(call)
        case .getSoldHours: try await BillingHandlers.getSoldHours(call)
        case .listStatements: try await BillingHandlers.listStatements(call)
        case .createStatement: try await BillingHandlers.createStatement(call)
        case .getStatement: try await BillingHandlers.getStatement(call)
        case .acceptStatement: try await BillingHandlers.acceptStatement(call)
        case .listInvoices: try await BillingHandlers.listInvoices(call)
        case .issueInvoice: try await BillingHandlers.issueInvoice(call)
        case .getInvoice: try await BillingHandlers.getInvoice(call)
        case .getInvoiceDocument: try await BillingHandlers.getInvoiceDocument(call)
        case .getInvoiceFinvoice: try await BillingHandlers.getInvoiceFinvoice(call)
        case .getInvoicePDF: try await BillingHandlers.getInvoicePDF(call)
        case .listBankFiles: try await BillingHandlers.listBankFiles(call)
        case .importBankFile: try await BillingHandlers.importBankFile(call)
        case .getBankFile: try await BillingHandlers.getBankFile(call)
        case .listBankEntries: try await BillingHandlers.listBankEntries(call)
        case .getBankEntry: try await BankEntryHandlers.get(call)
        case .applyBankEntry: try await BankEntryHandlers.apply(call)
        case .setBankEntryAside: try await BankEntryHandlers.setAside(call)
        case .listToDo: try await AlertHandlers.listToDo(call)
        case .getHealth: try await ServerHandlers.getHealth(call)
        case .getReadiness: try await ServerHandlers.getReadiness(call)
        case .getDescription: try await ServerHandlers.getDescription(call)
        case .getKeySet: try await ServerHandlers.getKeySet(call)
        default: throw Unhandled(operation: self)
        }
    }

    struct Unhandled: Error {
        let operation: Operation
    }

    private func handleAlerts(_ call: Call) async throws -> Reply {
        switch self {
        case .listAlerts: try await AlertHandlers.list(call)
        case .markAlertsRead: try await AlertHandlers.markRead(call)
        case .getAlertSettings: try await AlertHandlers.getSettings(call)
        case .updateAlertSettings: try await AlertHandlers.updateSettings(call)
        case .listMessages: try await AlertHandlers.listMessages(call)
        case .getTextGateway: try await TextHandlers.getGateway(call)
        case .updateTextGateway: try await TextHandlers.updateGateway(call)
        case .getPatientContact: try await TextHandlers.getContact(call)
        case .setPatientContact: try await TextHandlers.setContact(call)
        case .removePatientContact: try await TextHandlers.removeContact(call)
        default: try await handleRecords(call)
        }
    }

    private func handleRooms(_ call: Call) async throws -> Reply {
        switch self {
        case .getRoomSettings: try await RoomHandlers.getSettings(call)
        case .updateRoomSettings: try await RoomHandlers.updateSettings(call)
        case .listRoomProviders: try await RoomHandlers.listProviders(call)
        case .enterRoom: try await RoomHandlers.enter(call)
        case .previewCallLog: try await CallLogHandlers.preview(call)
        case .importCallLog: try await CallLogHandlers.importFile(call)
        default: try await handleCalendars(call)
        }
    }

    private func handleBeforeContract(_ call: Call) async throws -> Reply {
        switch self {
        case .getProfile: try await BeforeContractHandlers.getProfile(call)
        case .updateProfile: try await BeforeContractHandlers.updateProfile(call)
        case .findProfiles: try await BeforeContractHandlers.findProfiles(call)
        case .readProfile: try await BeforeContractHandlers.readProfile(call)
        case .askForContract: try await BeforeContractHandlers.askForContract(call)
        case .listContractRequests: try await BeforeContractHandlers.listContractRequests(call)
        case .postNeed: try await BeforeContractHandlers.postNeed(call)
        case .listNeeds: try await BeforeContractHandlers.listNeeds(call)
        case .getNeed: try await BeforeContractHandlers.getNeed(call)
        case .withdrawNeed: try await BeforeContractHandlers.withdrawNeed(call)
        case .answerNeed: try await BeforeContractHandlers.answerNeed(call)
        case .acceptNeedAnswer: try await BeforeContractHandlers.acceptNeedAnswer(call)
        default: throw Unhandled(operation: self)
        }
    }
}
