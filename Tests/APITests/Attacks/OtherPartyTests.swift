import API
import Organisations
import StrictJSON
import TestMarket
import TestServer
import Testing

/// What one party may not do with what is the other's, though both have a part in the trade.
@Suite("The other party", .serialized, .sharedTrade)
struct OtherPartyTests {
    static let notTheirs: [API.Operation] = [
        .getUnit, .updateUnit, .createMember, .getMember, .updateMember, .issueCredential,
        .revokeCredential,
        .createSpecialist, .getSpecialist, .updateSpecialist, .listLicences, .addLicence,
        .sayPresent, .sayAbsent,
        .publishAvailability, .getAvailability, .withdrawAvailability, .getBankFile,
        .getBankEntry, .applyBankEntry, .setBankEntryAside, .takeBackReport, .getBillingRun,
        .reportPayments,
        // payments are their buyer's alone
        .approveInvoicePayment, .getPaymentFile, .getPaymentFileDocument, .importPaymentStatus,
        .approvePaymentFile, .withdrawPaymentFile, .proposePaymentFile,
        .previewAbsence, .noteAbsence, .previewUnitAbsence, .noteUnitAbsence,
        .previewSalePause, .pauseSale, .endSalePause, .getUnitCalendar,
        // nor does it know of what is not offered
        .offerContractVersion, .signContractVersion,
        // a need is the buyer's, and answered by sellers
        .withdrawNeed, .acceptNeedAnswer, .answerNeed,
        // the seller has no contract under which it could buy
        .bookTime,
        // blocks are the seller's to make
        .makeBlocks,
        // sessions are the seller's, and places of them their buyers'
        .openGroupSession, .bookPlaces, .withdrawGroupSession, .substituteGroupSession,
        .waitForPlace,
        // nobody sees who waits
        .joinWaitingList, .getWaitingEntry, .leaveWaitingList,
        // nor asks under a contract as its seller, nor accepts as its buyer
        .askNow, .acceptDemand,
        // rooms and staff are their organisation's alone
        .addResource, .getResource, .updateResource, .getResourceCalendar, .closeResource,
        .reopenResource, .chooseResources,
        // and so are the addresses of its calendars
        .addCalendarFeed, .revokeCalendarFeed, .setCalendarMailbox, .removeCalendarMailbox,
    ]

    static let notTheirSide: [API.Operation] = [
        .confirmBooking, .releaseBooking, .createStatement, .acceptStatement, .issueInvoice,
        .disputeLine, .answerDispute, .creditInvoice, .sendInvoice, .chargeLateInterest, .rateAgain,
        .writeOffInvoice, .refundInvoice, .remindOfInvoice, .recordInvoices, .recordCreditNote,
        .settleInternally,
        .withdrawContractVersion, .declineContractVersion, .resumeContract,
        .placeVisits, .giveBackBlock, .withdrawBlock, .withdrawDemand,
        .beginDuty, .endDuty,
        // a link for a guest is its maker's to revoke
        .revokeGuestLink,
    ]

    static let shared: [API.Operation] = [
        .getContract, .getContractVersion, .priceVisit, .getBooking, .getCancellationCost,
        .getHandshake, .compareContractVersions, .getNoticeEffect, .getCommitment,
        .getNeed, .getBlock, .getDemand, .getResponseTimes, .getResponseTimesTable,
        .getGroupSession, .getVisit, .listGuestLinks, .getBookingCalendar, .getCharge,
        .getStatement, .getDispute, .getCreditNote, .getCreditNoteDocument, .getInvoice,
        .getRatingAgain,
        .getInvoiceDocument, .getInvoiceFinvoice, .listInvoiceDeliveries, .getLateInterest,
        .getNettingRound, .answerNetting, .getInvoiceBasis, .getInvoiceBasisTable,
        .getInternalCharge, .getInternalChargeTable,
    ]

    private func asked(_ operation: API.Operation) async throws -> Exchange {
        let trade = try Trade.shared
        let attack = try #require(try trade.attacks.first { $0.operation == operation })
        let may = try Description.shared.get().operations[operation.rawValue]?.roles ?? []
        let role = try #require(Role.allCases.first { may.contains($0.rawValue) })
        let other = attack.by == .seller ? trade.buyer : trade.seller
        return try await attack.send(trade.client, other[role].token.text)
    }

    @Test(arguments: notTheirs)
    func doesNotFind(_ operation: API.Operation) async throws {
        let answer = try await asked(operation)
        #expect(answer.status == 404, "\(answer.summary)")
        #expect(answer.code == "not_found")
    }

    @Test(arguments: notTheirSide)
    func mayNot(_ operation: API.Operation) async throws {
        let answer = try await asked(operation)
        #expect(answer.status == 403, "\(answer.summary)")
        #expect(answer.code == "not_your_side")
    }

    @Test(arguments: shared)
    func reads(_ operation: API.Operation) async throws {
        let answer = try await asked(operation)
        #expect(answer.status == 200, "\(answer.summary)")
    }
}
