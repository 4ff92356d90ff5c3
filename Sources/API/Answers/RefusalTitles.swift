import Marketplace

// What each refusal means, in a line of plain English.

extension RefusalCode {
    /// Every code has a line of its own (a test sees to it).
    var title: String { Self.titles[self] ?? rawValue }

    static let titles: [RefusalCode: String] =
        callers
        .merging(contracts) { first, _ in first }
        .merging(beforeContract) { first, _ in first }
        .merging(booking) { first, _ in first }
        .merging(handshake) { first, _ in first }
        .merging(visits) { first, _ in first }
        .merging(money) { first, _ in first }

    private static let callers: [RefusalCode: String] = [
        .credentialMissing: "A bearer token is needed",
        .credentialUnknown: "The token is not known",
        .credentialRevoked: "The token was revoked",
        .credentialExpired: "The token has expired",
        .memberInactive: "The token's member is not active",
        .secondFactorMissing: "The login lacks the second factor that is asked for",
        .roleNotAllowed: "The token's roles may not do this",
        .notYourSide: "This is for the other party to do",
        .memberMissing: "The token is a machine's, and has no member behind it",
        .notFound: "Not found",
        .idempotencyKeyInProgress: "A request with this Idempotency-Key is under way",
        .idempotencyKeyReused: "The Idempotency-Key was used for another request",
        .revisionDiffers: "It was changed in the meantime",
        .nameTaken: "The name is taken",
        .rolesBeyondMember: "The roles go beyond the member's own",
        .alreadyRevoked: "The token is revoked already",
        .lastAdministrator: "Nobody could administer the organisation any more",
        .domainTaken: "Another organisation has the e-mail domain",
    ]

    private static let contracts: [RefusalCode: String] = [
        .contractNotActive: "The contract is not active",
        .contractEnded: "The contract has ended",
        .notAParty: "You are not a party of the contract",
        .partyDiffers: "A party's data is not what the organisation has registered",
        .partyNameDiffers: "A party's name is not the one that the organisation has registered",
        .digestDiffers: "The digest is not that of the contract's text",
        .alreadySigned: "The version is signed already",
        .signatureMissing: "The version is not signed by both parties",
        .versionOverlaps: "The version overlaps another signed one",
        .signatureRefused: "The signature is not one of this organisation over this text",
        .signingKeyKnown: "The key is known already",
        .signingKeyRetired: "The key was retired",
        .versionWithdrawn: "The version is not open any more",
        .versionEndsEarly: "The version would end before the one that it replaces",
        .workedExampleFails: "A worked example does not come out as stated",
        .termNotCarriedOut: "The market does not carry out this term yet",
        .alreadyOffered: "The version is offered already",
        .contractSuspended: "The contract is suspended",
        .contractNotSuspended: "The contract is not suspended",
        .noticeGiven: "Notice has been given already",
        .noticeNotAgreed: "The contract does not let one side end it",
        .noticeEndDiffers: "The notice ends the contract at another time",
        .afterContractEnd: "The contract ends before the visit starts",
    ]

    private static let beforeContract: [RefusalCode: String] = [
        .partyDataMissing: "An organisation lacks what a contract says of it",
        .needNotOpen: "The need is no longer open",
        .alreadyAnswered: "Your organisation has answered already",
    ]

    private static let booking: [RefusalCode: String] = [
        .availabilityOverlaps: "The availability overlaps another of the specialist's",
        .availabilityWithdrawn: "The availability was withdrawn",
        .availabilityReplaced: "Another pattern stands in its place already",
        .availabilityChanged: "The change would do something else by now",
        .availabilityNotApproved: "No manager has approved this time",
        .availabilityDecided: "This proposal has been decided on already",
        .rosterChanged: "The roster would do something else by now",
        .ownProposal: "Nobody decides on what they proposed themselves",
        .noVersionForStart: "No signed contract version is valid at the start",
        .serviceNotInContract: "The contract does not have this service",
        .lengthNotAllowed: "The length is not one that can be booked",
        .startInThePast: "The start lies in the past",
        .noticeTooShort: "The start is too soon for the contract's notice",
        .beyondHorizon: "The start is too far ahead for the contract",
        .notOfBuyer: "A unit, a member, a room or staff is not one of the buyer's own",
        .handOverMissing: "The booking lacks what the contract asks for the hand-over",
        .specialistNotOffered: "The specialist is not offered under the contract",
        .licenceExpired: "The specialist has no valid licence at that time",
        .outsideAvailability: "The time is not in the specialist's availability",
        .workingLimit: "The specialist is not sold for more on that day or in that week",
        .outsideReservation: "The time is not inside the reservation",
        .overBudget: "The contract's budget for the period does not allow this",
        .quotaReached: "The contract's quota for the period does not allow this",
        .taken: "The time is taken",
        .holdExpired: "The hold has expired",
        .holdNotExpired: "The hold has not expired",
        .illegalTransition: "The booking's state does not allow this",
        .cancellationCostDiffers: "The cancellation costs another amount",
        .timeAvailable: "Time that fits is free now",
        .notWaiting: "The entry does not wait",
        .alreadyWaiting: "The same patient waits for this service already",
        .tooManyWaiting: "No more visits of one seller can be waited for at a time",
        .absenceChanged: "The visits or their costs have changed since the preview",
        .colleagueNotFree: "The colleague cannot hold the visit",
        .salePauseEnded: "The pause of sale was ended before",
        .seriesRefused: "Not all of the visits can be had, or none of them",
        .moveNotFree: "Only what could be cancelled for nothing moves",
        .blockNotInContract: "The contract has no such block on that day",
        .blockExists: "The block of the contract has been made for that day already",
        .blocksRefused: "Not all of the blocks can be made",
        .placingClosed: "Visits are no longer placed in the block",
        .placingTooShort: "The buyer would have too short a time to place visits in the block",
        .outsideBlock: "The visit does not lie in the block, at a step of five minutes",
        .placingRefused: "Not all of the visits can be placed",
        .blockInUse: "Visits are placed in the block",
        .nothingUnplaced: "Nothing of the block is left to give back",
        .resourceTaken: "A room or staff that is asked for is taken",
        .resourceClosed: "A room or staff that is asked for is not to be had",
        .buyerNotFree: "The buyer is not free at that time",
        .sessionNotInContract: "No such contract sells so many places of this session",
        .onlyInSessions: "The service is sold as places in group sessions only",
        .sessionFull: "The session has fewer places left",
        .sessionClosed: "Places of the session are no longer booked",
        .inGroupSession: "The visit is a place in a group session, which does not move",
        .substitutionNotAgreed: "A contract of the session does not let a colleague hold it",
    ]

    private static let handshake: [RefusalCode: String] = [
        .staleSequence: "Another message came first",
        .handshakeOver: "The handshake is over",
        .causeMissing: "A cause must be given",
        .causeTooLong: "The cause is too long",
        .deadlinePassed: "The deadline has passed",
        .deadlineInThePast: "The deadline of the offer lies in the past",
        .deadlineAfterStart: "The deadline of the offer is later than the visit's start",
        .deadlineTooSoon: "The deadline leaves the other party too little time",
        .nothingProposed: "There is no offer to answer",
        .alreadyProposed: "An offer is open already",
        .notYourTurn: "It is the other party's turn",
        .alreadyAgreed: "The visit is agreed already",
        .notAgreed: "The visit is not agreed",
        .counterPending: "A counter-proposal is to be answered first",
        .checksFailed: "Not all checks have passed",
        .visitStarted: "The visit has begun",
        .visitOver: "The visit is over",
        .roomNotHosted: "The seller does not host such a room",
        .roomNotJoined: "The buyer cannot join such a room",
        .roomLinkNotOfSeller: "The address is not one that the seller gave",
    ]

    private static let visits: [RefusalCode: String] = [
        .visitNotAgreed: "The visit is not agreed, so nobody can join",
        .visitNotOver: "The visit is not over",
        .joinTokenUnknown: "The join token is not known",
        .joinTokenRevoked: "The join token was revoked",
        .joinNotYetOpen: "The visit cannot be joined yet",
        .joinClosed: "The visit can no longer be joined",
        .roomPageTaken: "Another person's page has this name",
        .tooManyGuestLinks: "The visit has as many links for guests as it may have",
        .tooManyReports: "The side has told of the visit as often as it may",
        .guestLinkNotOpen: "Nobody can come by this link now",
        .guestLinkInUse: "This link is open in too many places",
        .guestNotWaiting: "The guest does not wait",
        .figureOutOfRange: "More time than has passed since the room opened",
        .minutesDiffer: "Attested can only be what was measured, or what the other side says",
        .minutesAgreed: "Both sides have agreed on the minutes",
        .reasonMissing: "A contest says why",
        .reasonTooLong: "The reason is too long",
        .contestWithoutDifference: "The figure is the one that is contested",
        .notAttestedByBoth: "The minutes are not attested by both sides",
        .aboveCeiling: "More minutes than the contract bills",
        .outsideJoinWindow: "The time lies outside of the time in which the room is open",
        .timeInTheFuture: "The time has not passed yet",
        .overrunNotSold: "The contract has no price for time beyond the planned length",
    ]

    private static let money: [RefusalCode: String] = [
        .periodNotOver: "The billing period is not over",
        .nothingToState: "There is nothing to put on a statement",
        .nothingToInvoice: "There is nothing to invoice",
        .statementSettled: "The statement is settled",
        .totalDiffers: "The statement has another total",
        .statementNotAccepted: "The statement is not accepted",
        .alreadyInvoiced: "The statement is invoiced already",
        .bankFileRefused: "The bank file cannot be read",
        .settledAboveInvoiced: "More would be settled than was invoiced",
        .bankEntryUsedUp: "The bank entry is used up",
        .amountTooLarge: "The amount is too large",
    ]
}
