extension PageOperation {
    /// The one place where an operation meets its page. `parameter` is that of the path.
    func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        switch self {
        case .chooseLanguage: SignInPages.chooseLanguage(visitor)
        case .showStart: try await StartPage.show(visitor)
        case .showComponents: try await ComponentsPage.show(visitor)
        case .showStyle, .showScript, .showContractScript, .showRoomScript: throw InvalidLink()
        case .followChanges: try LivePages.follow(visitor)
        case .findTime: try await FindPages.find(visitor)
        case .showTime: try await FindPages.show(visitor)
        case .holdTime: try await FindPages.hold(visitor)
        case .listBookings: try await BookingPages.list(visitor)
        case .showTogether: try await TogetherPages.show(visitor)
        case .bookTogether: try await TogetherPages.book(visitor)
        case .showSeries: try await SeriesPages.show(visitor)
        case .bookSeries: try await SeriesPages.book(visitor)
        case .showBooking: try await BookingPages.show(visitor, parameter)
        case .confirmBooking: try await BookingPages.confirm(visitor, parameter)
        case .releaseBooking: try await BookingPages.release(visitor, parameter)
        case .sayInHandshake: try await HandshakePages.say(visitor, parameter)
        case .showCancellation: try await CancellationPages.show(visitor, parameter)
        case .cancelBooking: try await CancellationPages.cancel(visitor, parameter)
        case .showMove: try await MovePages.show(visitor, parameter)
        case .moveBooking: try await MovePages.move(visitor, parameter)
        case .listContracts: try await ContractListPage.show(visitor)
        case .showContract: try await ContractPages.show(visitor, parameter)
        case .signContract: try await ContractPages.sign(visitor, parameter)
        case .downloadContract: try await ContractPages.download(visitor, parameter)
        case .downloadDocument: try await ContractPages.downloadDocument(visitor, parameter)
        case .showPrice: try await PricePage.show(visitor, parameter)
        case .showNewContract: try await ContractFormPages.choose(visitor)
        case .beginContract: try await ContractFormPages.begin(visitor)
        case .writeContract: try await ContractFormPages.work(visitor)
        case .beginVersion: try await ContractFormPages.beginVersion(visitor, parameter)
        case .writeVersion: try await ContractFormPages.workOnVersion(visitor, parameter)
        case .listStatements, .createStatement, .showStatement, .acceptStatement, .issueInvoice,
            .listDisputes, .showDisputeForm, .disputeLine, .showDispute, .answerDispute,
            .showRatingAgain, .rateAgain, .listCreditNotes, .showCreditForm, .creditInvoice,
            .showCreditNote, .downloadCreditNote, .listBankFiles, .importBankFile, .showBankFile:
            try await showOfMoney(visitor, parameter)
        case .showCharge, .listInvoices, .showInvoice, .downloadInvoice, .downloadFinvoice,
            .downloadPDF, .sendInvoice, .showReception, .saveReception, .listBillingRuns,
            .startBillingRun, .showBillingRun, .showWriteOffForm, .writeOffInvoice,
            .showRefundForm, .refundInvoice, .remindOfInvoice, .showInvoiceBasis, .recordInvoices,
            .downloadInvoiceBasis, .showPaymentReport, .reportPayment, .settleInternally,
            .showInternalCharge, .downloadInternalCharge:
            try await showOfInvoices(visitor, parameter)
        case .listBankEntries, .showBankEntry, .applyBankEntry, .setBankEntryAside, .takeBackReport,
            .listPayments,
            .setPaymentLimit, .approvePayment, .proposePaymentFile, .showPaymentFile,
            .approvePaymentFile, .withdrawPaymentFile, .downloadPaymentFile, .importPaymentStatus,
            .listNetting, .proposeNetting, .showNetting, .answerNetting, .showLateInterest,
            .chargeLateInterest, .showTrialBalance, .showOpenAmounts, .showPeriods, .closePeriod,
            .showMonth, .showAccountStatement, .showAgeing, .downloadJournal:
            try await showOfPayments(visitor, parameter)
        case .showCalendar, .showPublishing, .publishAvailability, .showAvailability,
            .withdrawAvailability, .showAbsence, .noteAbsence, .showAvailabilityChange,
            .changeAvailability, .keepTemplate, .removeTemplate, .downloadHours, .showBusyCalendar,
            .setBusyCalendar, .removeBusyCalendar, .showRoster, .importRoster, .listProposedTime,
            .saveApproval, .approveAvailability, .declineAvailability, .showSalePause, .pauseSale,
            .endSalePause, .showLimits, .saveLimits:
            try await showOfSellersTime(visitor, parameter)
        case .listProposals, .showDay, .showVisit, .attendVisit, .followRoom, .sayInRoom,
            .sayMinutes, .tellOfVisit, .sayDuty, .listMinutes, .attestSeveral:
            try await showOfVisit(visitor, parameter)
        case .showChanges, .offerVersion, .withdrawVersion, .showDeclining, .declineVersion,
            .showSuspension, .suspendContract, .resumeContract, .showNotice, .giveNotice:
            try await showOfContractLife(visitor, parameter)
        default: try await showOfSignIn(visitor, parameter)
        }
    }

    /// Charges, the runs that bill them, invoices, and the forms in which they go out.
    private func showOfInvoices(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        switch self {
        case .showCharge: try await ChargePage.show(visitor, parameter)
        case .listInvoices: try await InvoicePages.list(visitor)
        case .showInvoice: try await InvoicePages.show(visitor, parameter)
        case .downloadInvoice: try await InvoicePages.download(visitor, parameter)
        case .downloadFinvoice: try await InvoicePages.finvoice(visitor, parameter)
        case .downloadPDF: try await InvoicePages.pdf(visitor, parameter)
        case .sendInvoice: try await InvoiceReceptionPages.send(visitor, parameter)
        case .listBillingRuns: try await BillingRunPages.list(visitor)
        case .startBillingRun: try await BillingRunPages.start(visitor)
        case .showBillingRun: try await BillingRunPages.show(visitor, parameter)
        case .showReception: try await InvoiceReceptionPages.show(visitor)
        case .saveReception: try await InvoiceReceptionPages.save(visitor)
        case .showWriteOffForm: try await WriteOffPages.showForm(visitor, parameter)
        case .writeOffInvoice: try await WriteOffPages.writeOff(visitor, parameter)
        case .showRefundForm: try await RefundPages.showForm(visitor, parameter)
        case .refundInvoice: try await RefundPages.refund(visitor, parameter)
        case .remindOfInvoice: try await WriteOffPages.remind(visitor, parameter)
        case .showInvoiceBasis: try await InvoiceBasisPages.show(visitor, parameter)
        case .recordInvoices: try await InvoiceBasisPages.record(visitor, parameter)
        case .downloadInvoiceBasis: try await InvoiceBasisPages.download(visitor, parameter)
        case .settleInternally: try await InternalChargePages.settle(visitor, parameter)
        case .showInternalCharge: try await InternalChargePages.show(visitor, parameter)
        case .downloadInternalCharge: try await InternalChargePages.download(visitor, parameter)
        case .showPaymentReport: try await InvoiceBasisPages.showReport(visitor, parameter)
        case .reportPayment: try await InvoiceBasisPages.report(visitor, parameter)
        default: throw InvalidLink()
        }
    }

    /// What waits in bank files, and payments out.
    private func showOfPayments(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        switch self {
        case .listBankEntries: try await BankEntryPages.list(visitor)
        case .showBankEntry: try await BankEntryPages.show(visitor, parameter)
        case .applyBankEntry: try await BankEntryPages.apply(visitor, parameter)
        case .setBankEntryAside: try await BankEntryPages.setAside(visitor, parameter)
        case .takeBackReport: try await BankEntryPages.takeBack(visitor, parameter)
        case .listPayments: try await PaymentPages.list(visitor)
        case .setPaymentLimit: try await PaymentPages.setLimit(visitor)
        case .approvePayment: try await PaymentPages.approveInvoice(visitor, parameter)
        case .proposePaymentFile: try await PaymentPages.propose(visitor)
        case .showPaymentFile: try await PaymentFilePages.show(visitor, parameter)
        case .approvePaymentFile: try await PaymentFilePages.approve(visitor, parameter)
        case .withdrawPaymentFile: try await PaymentFilePages.withdraw(visitor, parameter)
        case .downloadPaymentFile: try await PaymentFilePages.download(visitor, parameter)
        case .importPaymentStatus: try await PaymentFilePages.importStatus(visitor, parameter)
        case .listNetting: try await NettingPages.list(visitor)
        case .proposeNetting: try await NettingPages.propose(visitor)
        case .showNetting: try await NettingPages.show(visitor, parameter)
        case .answerNetting: try await NettingPages.answer(visitor, parameter)
        default: try await showOfLedger(visitor, parameter)
        }
    }

    /// What is put right of statements and invoices, the bank's files and the books.
    private func showOfMoney(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        switch self {
        case .listStatements: try await StatementPages.list(visitor)
        case .createStatement: try await StatementPages.create(visitor)
        case .showStatement: try await StatementPages.show(visitor, parameter)
        case .acceptStatement: try await StatementPages.accept(visitor, parameter)
        case .issueInvoice: try await StatementPages.issueInvoice(visitor, parameter)
        case .listDisputes: try await DisputePages.list(visitor)
        case .showDisputeForm: try await DisputePages.showForm(visitor, parameter)
        case .disputeLine: try await DisputePages.open(visitor, parameter)
        case .showDispute: try await DisputePages.show(visitor, parameter)
        case .answerDispute: try await DisputePages.answer(visitor, parameter)
        case .listBankFiles: try await BankFilePages.list(visitor)
        case .importBankFile: try await BankFilePages.importFile(visitor)
        case .showBankFile: try await BankFilePages.show(visitor, parameter)
        case .showRatingAgain: try await RatingAgainPages.show(visitor, parameter)
        case .rateAgain: try await RatingAgainPages.rate(visitor, parameter)
        case .listCreditNotes: try await CreditNotePages.list(visitor)
        case .showCreditForm: try await CreditNotePages.showForm(visitor, parameter)
        case .creditInvoice: try await CreditNotePages.credit(visitor, parameter)
        case .showCreditNote: try await CreditNotePages.show(visitor, parameter)
        case .downloadCreditNote: try await CreditNotePages.download(visitor, parameter)
        default: throw InvalidLink()
        }
    }

    /// The books, their months, and interest.
    private func showOfLedger(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        switch self {
        case .showLateInterest: try await LateInterestPages.show(visitor, parameter)
        case .chargeLateInterest: try await LateInterestPages.charge(visitor, parameter)
        case .showTrialBalance: try await BookPages.trialBalance(visitor)
        case .showOpenAmounts: try await BookPages.openAmounts(visitor)
        case .showPeriods: try await PeriodPages.show(visitor)
        case .closePeriod: try await PeriodPages.close(visitor)
        case .showMonth: try await LedgerPages.month(visitor)
        case .showAccountStatement: try await LedgerPages.account(visitor)
        case .showAgeing: try await LedgerPages.ageing(visitor)
        default: try await LedgerPages.journal(visitor)
        }
    }

    private func showOfVisit(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        switch self {
        case .listProposals: try await ProposalPage.show(visitor)
        case .showDay: try await DayPage.show(visitor)
        case .showVisit: try await VisitPages.show(visitor, parameter)
        case .attendVisit: try await VisitPages.attend(visitor, parameter)
        case .sayMinutes: try await VisitPages.say(visitor, parameter)
        case .tellOfVisit: try await VisitPages.tell(visitor, parameter)
        case .sayDuty: try await DutyPart.say(visitor, parameter)
        case .listMinutes: try await MinutesPages.list(visitor)
        case .attestSeveral: try await MinutesPages.attest(visitor)
        case .followRoom: try await RoomPages.follow(visitor, parameter)
        case .sayInRoom: try await RoomPages.say(visitor, parameter)
        default: throw InvalidLink()
        }
    }

    /// Guests, as a visit's sides have them, and on their own pages; rooms of other systems.
    private func showOfGuest(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        switch self {
        case .showGuestLinks: try await GuestLinkPages.show(visitor, parameter)
        case .makeGuestLink: try await GuestLinkPages.make(visitor, parameter)
        case .revokeGuestLink: try await GuestLinkPages.revoke(visitor, parameter)
        case .answerGuest: try await VisitDoor.answer(visitor, parameter)
        case .showCheck: try await CheckPages.show(visitor, parameter)
        case .showJoin: try await GuestPages.show(visitor, parameter)
        case .comeAsGuest: try await GuestPages.come(visitor, parameter)
        case .showGuestCheck: try await CheckPages.showToGuest(visitor, parameter)
        case .followDoor: try await GuestPages.follow(visitor, parameter)
        case .sayAtDoor: try await GuestPages.say(visitor, parameter)
        case .followGuestRoom: try await GuestPages.followRoom(visitor, parameter)
        case .sayInGuestRoom: try await GuestPages.sayInRoom(visitor, parameter)
        case .enterRoomAsGuest: try await OtherRoom.enterAsGuest(visitor, parameter)
        case .enterRoom: try await OtherRoom.enter(visitor, parameter)
        case .showRoomSettings: try await RoomSettingsPages.show(visitor)
        case .saveRoomSettings: try await RoomSettingsPages.save(visitor)
        case .showCallLog: try await CallLogPages.show(visitor)
        case .loadCallLog: try await CallLogPages.load(visitor)
        default: throw InvalidLink()
        }
    }

    /// What a seller has for sale, and when.
    private func showOfSellersTime(
        _ visitor: Visitor, _ parameter: String
    ) async throws -> PageReply {
        switch self {
        case .showCalendar: try await CalendarPages.show(visitor)
        case .showPublishing: try await AvailabilityPages.showForm(visitor)
        case .publishAvailability: try await AvailabilityPages.publish(visitor)
        case .showAvailability: try await AvailabilityPages.show(visitor, parameter)
        case .withdrawAvailability: try await AvailabilityPages.withdraw(visitor, parameter)
        case .showAbsence: try await AbsencePages.show(visitor)
        case .noteAbsence: try await AbsencePages.note(visitor)
        case .showAvailabilityChange:
            try await AvailabilityChangePages.show(visitor, parameter)
        case .changeAvailability: try await AvailabilityChangePages.change(visitor, parameter)
        case .keepTemplate: try await TemplatePages.keep(visitor, parameter)
        case .removeTemplate: try await TemplatePages.remove(visitor)
        case .downloadHours: try await HoursPage.download(visitor)
        case .showBusyCalendar: try await BusyCalendarPages.show(visitor)
        case .setBusyCalendar: try await BusyCalendarPages.set(visitor)
        case .removeBusyCalendar: try await BusyCalendarPages.remove(visitor)
        case .showSalePause: try await SalePausePages.show(visitor)
        case .pauseSale: try await SalePausePages.pause(visitor)
        case .endSalePause: try await SalePausePages.end(visitor)
        case .showLimits: try await LimitsPage.show(visitor)
        case .saveLimits: try await LimitsPage.save(visitor)
        case .showRoster: try await RosterPages.show(visitor)
        case .importRoster: try await RosterPages.load(visitor)
        case .listProposedTime: try await ApprovalPages.list(visitor)
        case .saveApproval: try await ApprovalPages.save(visitor)
        case .approveAvailability: try await ApprovalPages.approve(visitor, parameter)
        case .declineAvailability: try await ApprovalPages.decline(visitor, parameter)
        default: throw InvalidLink()
        }
    }

    private func showOfContractLife(
        _ visitor: Visitor, _ parameter: String
    ) async throws -> PageReply {
        switch self {
        case .showChanges: try await ChangesPage.show(visitor, parameter)
        case .offerVersion: try await ContractLifePages.offer(visitor, parameter)
        case .withdrawVersion: try await ContractLifePages.withdraw(visitor, parameter)
        case .resumeContract: try await ContractLifePages.resume(visitor, parameter)
        case .showDeclining: try await DecliningPage.show(visitor, parameter)
        case .declineVersion: try await DecliningPage.decline(visitor, parameter)
        case .showSuspension: try await SuspensionPage.show(visitor, parameter)
        case .suspendContract: try await SuspensionPage.suspend(visitor, parameter)
        case .showNotice: try await NoticePage.show(visitor, parameter)
        case .giveNotice: try await NoticePage.give(visitor, parameter)
        default: throw InvalidLink()
        }
    }

    /// Signing in, and how.
    private func showOfSignIn(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        switch self {
        case .showSignIn: try await SignInPages.show(visitor)
        case .signIn: try await SignInPages.signIn(visitor)
        case .signOut: try await SignInPages.signOut(visitor)
        case .giveAddress: try await SignInPages.giveAddress(visitor)
        case .showMailSent: try SignInPages.showMailSent(visitor)
        case .showProvider: try await ProviderPages.show(visitor)
        case .startAtProvider: try await ProviderPages.start(visitor)
        case .returnFromProvider: try await ProviderPages.finish(visitor)
        case .showLink: try await LinkPages.show(visitor)
        case .useLink: try await LinkPages.use(visitor)
        case .showDemoMail: try await LinkPages.showDemoMail(visitor)
        case .showAccount: try await AccountPages.show(visitor)
        case .beginSecondFactor: try await AccountPages.beginSecondFactor(visitor)
        case .showSecondFactor: try await AccountPages.showSecondFactor(visitor)
        case .confirmSecondFactor: try await AccountPages.confirmSecondFactor(visitor)
        case .removeSecondFactor: try await AccountPages.removeSecondFactor(visitor)
        case .showSignInSettings: try await SignInSettingsPages.show(visitor)
        case .saveSignInSettings: try await SignInSettingsPages.save(visitor)
        case .showKeys: try await KeyPages.show(visitor)
        case .makeKey: try await KeyPages.make(visitor)
        case .retireKey: try await KeyPages.retire(visitor)
        case .showAudit: try await AuditPages.show(visitor)
        case .downloadAudit: try await AuditPages.download(visitor)
        case .listUnits: try await UnitPages.list(visitor)
        case .saveUnit: try await UnitPages.save(visitor)
        default: try await showBeforeContract(visitor, parameter)
        }
    }

    private func showResources(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        switch self {
        case .listResources: try await ResourcePages.list(visitor)
        case .addResource: try await ResourcePages.add(visitor)
        case .showResource: try await ResourcePages.show(visitor, parameter)
        case .saveResource: try await ResourcePages.save(visitor, parameter)
        case .closeResource: try await ResourcePages.close(visitor, parameter)
        case .reopenResource: try await ResourcePages.reopen(visitor, parameter)
        case .chooseResources: try await ResourcePages.choose(visitor, parameter)
        default: throw InvalidLink()
        }
    }

    private func showOfCalendars(
        _ visitor: Visitor, _ parameter: String
    ) async throws -> PageReply {
        switch self {
        case .downloadVisit: try await CalendarFeedPages.download(visitor, parameter)
        case .listFeeds: try await CalendarFeedPages.list(visitor)
        case .addFeed: try await CalendarFeedPages.add(visitor)
        case .endFeed: try await CalendarFeedPages.end(visitor)
        case .showCalendarMail: try await CalendarMailPages.show(visitor)
        case .setCalendarMail: try await CalendarMailPages.set(visitor)
        case .removeCalendarMail: try await CalendarMailPages.remove(visitor)
        default: throw InvalidLink()
        }
    }

    private func showBeforeContract(
        _ visitor: Visitor, _ parameter: String
    ) async throws -> PageReply {
        switch self {
        case .findSellers: try await SellerPages.find(visitor)
        case .showSeller: try await SellerPages.show(visitor, parameter)
        case .showAsking: try await AskingPages.show(visitor, parameter)
        case .askForContract: try await AskingPages.ask(visitor, parameter)
        case .listRequests: try await AskingPages.list(visitor)
        case .showProfile: try await ProfilePages.show(visitor)
        case .saveProfile: try await ProfilePages.save(visitor)
        case .listNeeds: try await NeedPages.list(visitor)
        case .showNeedForm: try await NeedPages.showForm(visitor)
        case .postNeed: try await NeedPages.post(visitor)
        case .showNeed: try await NeedPages.show(visitor, parameter)
        case .answerNeed: try await NeedPages.answer(visitor, parameter)
        case .withdrawNeed: try await NeedPages.withdraw(visitor, parameter)
        case .showAcceptance: try await NeedPages.showAcceptance(visitor, parameter)
        case .acceptAnswer: try await NeedPages.accept(visitor, parameter)
        case .listResources, .addResource, .showResource, .saveResource, .closeResource,
            .reopenResource, .chooseResources:
            try await showResources(visitor, parameter)
        case .downloadVisit, .listFeeds, .addFeed, .endFeed, .showCalendarMail, .setCalendarMail,
            .removeCalendarMail:
            try await showOfCalendars(visitor, parameter)
        case .listAlerts: try await AlertPages.list(visitor)
        case .showBell: try AlertPages.showBell(visitor)
        case .markAlertsRead: try await AlertPages.markRead(visitor)
        case .showAlertSettings: try await AlertSettingsPages.show(visitor)
        case .saveAlertSettings: try await AlertSettingsPages.save(visitor)
        case .listMessages: try await MessagePages.list(visitor)
        case .showTexts: try await TextPages.show(visitor)
        case .saveTexts: try await TextPages.save(visitor)
        case .setPatientContact: try await TextPages.setContact(visitor, parameter)
        case .listMembers: try await MemberPages.list(visitor)
        case .showMember: try await MemberPages.show(visitor, parameter)
        case .saveMember: try await MemberPages.save(visitor, parameter)
        case .showWaitingList: try await WaitingPages.list(visitor)
        case .showWaitingForm: try await WaitingPages.showForm(visitor)
        case .joinWaitingList: try await WaitingPages.join(visitor)
        case .leaveWaitingList: try await WaitingPages.leave(visitor)
        case .sayPresence: try await PresencePart.say(visitor)
        case .showNow: try await NowPages.show(visitor)
        case .askNow: try await NowPages.ask(visitor)
        case .acceptDemand: try await NowPages.accept(visitor)
        case .withdrawDemand: try await NowPages.withdraw(visitor)
        case .showResponseTimes: try await ResponseTimesPage.show(visitor, parameter)
        case .downloadResponseTimes: try await ResponseTimesPage.download(visitor, parameter)
        case .listBlocks: try await BlockPages.list(visitor)
        case .showBlockForm: try await BlockForm.show(visitor)
        case .makeBlocks: try await BlockForm.make(visitor)
        case .showBlock: try await BlockPages.show(visitor, parameter)
        case .placeVisits: try await BlockPages.place(visitor, parameter)
        case .giveBackBlock: try await BlockPages.giveBack(visitor, parameter)
        case .withdrawBlock: try await BlockPages.withdraw(visitor, parameter)
        case .sayBlockReady: try await BlockPages.ready(visitor, parameter)
        case .listSessions: try await GroupSessionPages.list(visitor)
        case .showSessionForm: try await GroupSessionForm.show(visitor)
        case .openSession: try await GroupSessionForm.open(visitor)
        case .showSession: try await GroupSessionPages.show(visitor, parameter)
        case .bookPlaces: try await GroupSessionPages.book(visitor, parameter)
        case .withdrawSession: try await GroupSessionPages.withdraw(visitor, parameter)
        case .substituteSession: try await GroupSessionPages.substitute(visitor, parameter)
        case .waitForPlace: try await SessionWaiting.wait(visitor, parameter)
        default: try await showOfGuest(visitor, parameter)
        }
    }
}
