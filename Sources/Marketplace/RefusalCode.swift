/// Every stable code that a refused request can carry. The database raises the same words; the API
/// lists them in `api/openapi.yaml`. Never renamed, only added to.
package enum RefusalCode: String, Hashable, Sendable, CaseIterable {
    // the caller
    case credentialMissing = "credential_missing"
    case credentialUnknown = "credential_unknown"
    case credentialRevoked = "credential_revoked"
    case credentialExpired = "credential_expired"
    case memberInactive = "member_inactive"
    case secondFactorMissing = "second_factor_missing"
    case roleNotAllowed = "role_not_allowed"
    case notYourSide = "not_your_side"

    // not there, or not yours: the same answer (invariant 27)
    case notFound = "not_found"

    // repeated and conditional requests
    case idempotencyKeyInProgress = "idempotency_key_in_progress"
    case idempotencyKeyReused = "idempotency_key_reused"
    case revisionDiffers = "revision_differs"

    // organisations
    case nameTaken = "name_taken"
    case rolesBeyondMember = "roles_beyond_member"
    case alreadyRevoked = "already_revoked"
    case lastAdministrator = "last_administrator"
    case domainTaken = "domain_taken"

    // contracts
    case contractNotActive = "contract_not_active"
    case contractEnded = "contract_ended"
    case notAParty = "not_a_party"
    case partyDiffers = "party_differs"
    case digestDiffers = "digest_differs"
    case alreadySigned = "already_signed"
    case signatureMissing = "signature_missing"
    case versionOverlaps = "version_overlaps"
    case versionEndsEarly = "version_ends_early"
    case versionWithdrawn = "version_withdrawn"
    case signatureRefused = "signature_refused"
    case signingKeyKnown = "signing_key_known"
    case signingKeyRetired = "signing_key_retired"
    case workedExampleFails = "worked_example_fails"
    case termNotCarriedOut = "term_not_carried_out"
    case alreadyOffered = "already_offered"
    case contractSuspended = "contract_suspended"
    case contractNotSuspended = "contract_not_suspended"
    case noticeGiven = "notice_given"
    case noticeNotAgreed = "notice_not_agreed"
    case noticeEndDiffers = "notice_end_differs"
    case afterContractEnd = "after_contract_end"

    // before a contract
    case partyDataMissing = "party_data_missing"
    case needNotOpen = "need_not_open"
    case alreadyAnswered = "already_answered"

    // availability, search and booking
    case availabilityOverlaps = "availability_overlaps"
    case availabilityWithdrawn = "availability_withdrawn"
    case noVersionForStart = "no_version_for_start"
    case serviceNotInContract = "service_not_in_contract"
    case lengthNotAllowed = "length_not_allowed"
    case startInThePast = "start_in_the_past"
    case noticeTooShort = "notice_too_short"
    case beyondHorizon = "beyond_horizon"
    case specialistNotOffered = "specialist_not_offered"
    case licenceExpired = "licence_expired"
    case outsideAvailability = "outside_availability"
    case outsideReservation = "outside_reservation"
    case overBudget = "over_budget"
    case taken
    case holdExpired = "hold_expired"
    case holdNotExpired = "hold_not_expired"
    case illegalTransition = "illegal_transition"
    case cancellationCostDiffers = "cancellation_cost_differs"

    // the handshake: the words of docs/handshake.md
    case staleSequence = "stale_sequence"
    case handshakeOver = "handshake_over"
    case causeMissing = "cause_missing"
    case causeTooLong = "cause_too_long"
    case deadlinePassed = "deadline_passed"
    case deadlineInThePast = "deadline_in_the_past"
    case deadlineAfterStart = "deadline_after_start"
    case deadlineTooSoon = "deadline_too_soon"
    case nothingProposed = "nothing_proposed"
    case alreadyProposed = "already_proposed"
    case notYourTurn = "not_your_turn"
    case alreadyAgreed = "already_agreed"
    case notAgreed = "not_agreed"
    case counterPending = "counter_pending"
    case checksFailed = "checks_failed"
    case visitStarted = "visit_started"
    case visitOver = "visit_over"

    // the visit and its minutes
    case visitNotAgreed = "visit_not_agreed"
    case visitNotOver = "visit_not_over"
    case joinTokenUnknown = "join_token_unknown"
    case joinTokenRevoked = "join_token_revoked"
    case joinNotYetOpen = "join_not_yet_open"
    case joinClosed = "join_closed"
    case figureOutOfRange = "figure_out_of_range"
    case minutesDiffer = "minutes_differ"
    case minutesAgreed = "minutes_agreed"
    case reasonMissing = "reason_missing"
    case reasonTooLong = "reason_too_long"
    case contestWithoutDifference = "contest_without_difference"
    case notAttestedByBoth = "not_attested_by_both"

    // money
    case periodNotOver = "period_not_over"
    case nothingToState = "nothing_to_state"
    case nothingToInvoice = "nothing_to_invoice"
    case statementSettled = "statement_settled"
    case totalDiffers = "total_differs"
    case statementNotAccepted = "statement_not_accepted"
    case alreadyInvoiced = "already_invoiced"
    case bankFileRefused = "bank_file_refused"
    case settledAboveInvoiced = "settled_above_invoiced"
    case bankEntryUsedUp = "bank_entry_used_up"
    case amountTooLarge = "amount_too_large"
}
