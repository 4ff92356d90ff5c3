import Documents
import Marketplace
import MoneyAndTime
import Scheduling
import StrictJSON

// The one place where the market's own errors become HTTP. Kinds, as the design has them: who asks
// 401 and 403; not there and not yours 404; taken, stale or not now 409; never with this value 422.

extension RefusalCode {
    var status: Int {
        switch self {
        case .credentialMissing, .credentialUnknown, .credentialRevoked, .credentialExpired,
            .memberInactive, .secondFactorMissing, .joinTokenUnknown, .joinTokenRevoked:
            401
        case .roleNotAllowed, .notYourSide, .memberMissing, .credentialOfAnother,
            .joinNotYetOpen, .joinClosed, .secondPersonNeeded:
            403
        case .notFound:
            404
        case .revisionDiffers:
            412
        case .partyDataMissing, .idempotencyKeyReused, .rolesBeyondMember, .notAParty,
            .partyDiffers, .partyNameDiffers,
            .workedExampleFails, .termNotCarriedOut, .signatureRefused, .serviceNotInContract,
            .blockNotInContract, .sessionNotInContract, .lengthNotAllowed, .handOverMissing,
            .notOfBuyer, .notOnDemand, .askedTwice, .notADutyShift,
            .bankFileRefused, .answerToAnother,
            .amountTooLarge, .causeMissing, .causeTooLong, .deadlineInThePast,
            .deadlineAfterStart, .deadlineTooSoon, .checksFailed, .roomLinkNotOfSeller,
            .figureOutOfRange, .reasonMissing, .invoiceMalformed,
            .reasonTooLong, .contestWithoutDifference,
            .lineNotOnStatement, .figureNotBelow, .volumeNotDisputable,
            .aboveCeiling, .outsideJoinWindow, .timeInTheFuture, .overrunNotSold:
            422
        case .needNotOpen, .alreadyAnswered, .idempotencyKeyInProgress, .nameTaken,
            .alreadyRevoked, .lastAdministrator,
            .domainTaken,
            .contractNotActive, .contractEnded, .digestDiffers, .alreadySigned,
            .signatureMissing, .versionOverlaps, .versionEndsEarly, .versionWithdrawn,
            .signingKeyKnown, .signingKeyRetired,
            .alreadyOffered, .contractSuspended, .contractNotSuspended, .noticeGiven,
            .noticeNotAgreed, .noticeEndDiffers, .afterContractEnd,
            .availabilityOverlaps, .availabilityWithdrawn, .availabilityReplaced,
            .availabilityChanged, .availabilityNotApproved, .availabilityDecided, .ownProposal,
            .rosterChanged, .noVersionForStart,
            .startInThePast, .noticeTooShort, .beyondHorizon, .specialistNotOffered,
            .licenceExpired, .outsideAvailability, .workingLimit, .outsideReservation,
            .overBudget, .quotaReached, .taken, .holdExpired, .holdNotExpired, .illegalTransition,
            .cancellationCostDiffers, .moveNotFree, .seriesRefused, .timeAvailable,
            .notWaiting, .alreadyWaiting, .tooManyWaiting, .tooManyDemands, .demandOver, .notAtHand,
            .absenceChanged, .colleagueNotFree, .salePauseEnded,
            .blockExists, .blocksRefused, .placingClosed, .placingTooShort, .outsideBlock,
            .placingRefused, .blockInUse, .nothingUnplaced,
            .resourceTaken, .resourceClosed, .buyerNotFree,
            .onlyInSessions, .sessionFull, .sessionClosed, .inGroupSession,
            .substitutionNotAgreed,
            .staleSequence, .handshakeOver, .deadlinePassed, .nothingProposed, .alreadyProposed,
            .notYourTurn, .alreadyAgreed, .notAgreed, .counterPending, .visitStarted,
            .visitOver, .roomNotHosted, .roomNotJoined, .noCommonRoom, .visitNotAgreed,
            .visitNotOver,
            .minutesDiffer, .minutesAgreed,
            .notAttestedByBoth,
            .roomPageTaken, .tooManyGuestLinks, .tooManyReports, .guestLinkNotOpen,
            .guestLinkInUse, .guestNotWaiting,
            .periodNotOver, .periodClosed, .earlierMonthOpen, .noInterest, .billingRunUnderWay,
            .interestDiffers, .referenceRateMissing, .nothingToState, .nothingToInvoice,
            .nothingToNet,
            .statementSettled, .totalDiffers,
            .nothingToRateAgain, .differenceDiffers,
            .nothingRemains, .aboveRemaining, .alreadyDisputed, .disputeWindowOver,
            .withinTolerance, .disputeSettled, .alreadyDelivered, .deliveryNotWanted,
            .statementNotAccepted, .alreadyInvoiced, .invoicedHere, .invoicedBySeller,
            .invoicedByBuyer,
            .notInternal, .settledInternally, .datesNotAgreed,
            .pdfUnavailable, .settledAboveInvoiced, .bankEntryUsedUp, .nothingToTakeBack,
            .netPaymentDiffers, .netPaymentReceived, .bankEntryWaits, .reportDiffers,
            .reminderNotDue,
            .notPayable, .paymentFileApproved, .paymentFileNotApproved, .paymentFileWithdrawn,
            .paymentFileAnswered:
            409
        }
    }
}

extension Problem {
    /// What the caller is told of an error; a fault of ours tells nothing but that it happened.
    init(answering error: any Error) {
        switch error {
        case let problem as Problem:
            self = problem
        case let refusal as Refusal:
            self.init(refusal.code, figures: refusal.figures)
            if refusal.code == .handOverMissing {
                errors = (refusal.figures["missing"]?.elements ?? []).map { pointer in
                    JSONProblem(
                        pointer: pointer.text ?? "", code: "missing",
                        message: "the contract asks for it at booking")
                }
            }
            if refusal.code == .notOfBuyer {
                errors = (refusal.figures["unknown"]?.elements ?? []).map { pointer in
                    JSONProblem(
                        pointer: pointer.text ?? "", code: "not_found",
                        message: "must be one of your organisation's own")
                }
            }
        case let input as InvalidInput:
            self.init(invalid: input.problems)
        case let problem as JSONProblem:
            self.init(invalid: [problem])
        case let syntax as JSONSyntaxError:
            self.init(syntax)
        case let refused as RosterFile.Refused:
            self.init(invalid: refused.problems.prefix(100).map(JSONProblem.init))
        case let refused as CallLogFile.Refused:
            self.init(invalid: refused.problems.prefix(100).map(JSONProblem.init))
        case let refusal as AvailabilityRefusal:
            self.init(invalid: [JSONProblem(refusal)])
        case is ArithmeticFailure:
            self.init(.amountTooLarge)
        case let unavailable as Unavailable:
            self.init(unavailable)
        case is CancellationError:
            self.init(.deadlineExceeded, Self.mayRepeat)
        default:
            self.init(.internalError)
        }
    }

    static let mayRepeat =
        "Repeat the request; with the same Idempotency-Key a change is made once only."

    private init(invalid problems: [JSONProblem]) {
        self.init(.invalidInput)
        errors = problems
    }

    private init(_ syntax: JSONSyntaxError) {
        self.init(.malformedJSON)
        detail = "At byte \(syntax.offset): \(syntax.reason.rawValue)."
        errors = [
            JSONProblem(
                pointer: syntax.pointer, code: "syntax", message: "\(syntax.reason.rawValue)")
        ]
        figures = ["offset": JSON(syntax.offset)]
    }

    private init(_ unavailable: Unavailable) {
        switch unavailable {
        case .database: self.init(.databaseUnavailable, Self.mayRepeat)
        case .deadline: self.init(.deadlineExceeded, Self.mayRepeat)
        case .outcomeUnknown: self.init(.outcomeUnknown, Self.mayRepeat)
        }
    }
}
