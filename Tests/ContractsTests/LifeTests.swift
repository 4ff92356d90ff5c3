import Testing

@testable import Contracts

@Suite("Life of a contract and its versions")
struct LifeTests {
    private static let digest = ContractDigest(of: [1])
    private static let other = ContractDigest(of: [2])

    private typealias Version = VersionLife.State

    /// What the seller's version becomes by each message of each side, in each state.
    @Test("A version takes each message of each side in each state as the table says")
    func version() {
        let sign = VersionLife.Message.sign(digest: Self.digest)
        func no(_ refusal: VersionLife.Refusal) -> Result<Version, VersionLife.Refusal> {
            .failure(refusal)
        }
        func to(_ state: Version) -> Result<Version, VersionLife.Refusal> { .success(state) }
        /// By the seller, who wrote it: offer, sign, withdraw, decline; then the same by the buyer.
        let table: [Version: [Result<Version, VersionLife.Refusal>]] = [
            .draft: [
                to(.offered), to(.signedBySeller), to(.withdrawn), no(.notYourSide),
                no(.notOffered), no(.notOffered), no(.notOffered), no(.notOffered),
            ],
            .offered: [
                no(.alreadyOffered), to(.signedBySeller), to(.withdrawn), no(.notYourSide),
                no(.notYourSide), to(.signedByBuyer), no(.notYourSide), to(.declined),
            ],
            .signedBySeller: [
                no(.alreadyOffered), no(.alreadySigned), to(.withdrawn), no(.notYourSide),
                no(.notYourSide), to(.signed), no(.notYourSide), to(.declined),
            ],
            .signedByBuyer: [
                no(.alreadyOffered), to(.signed), to(.withdrawn), no(.notYourSide),
                no(.notYourSide), no(.alreadySigned), no(.notYourSide), no(.alreadySigned),
            ],
            .signed: [
                no(.alreadyOffered), no(.alreadySigned), no(.alreadySigned), no(.notYourSide),
                no(.notYourSide), no(.alreadySigned), no(.notYourSide), no(.alreadySigned),
            ],
            .withdrawn: Array(repeating: no(.withdrawn), count: 8),
            .declined: Array(repeating: no(.withdrawn), count: 8),
        ]
        #expect(table.count == Version.allCases.count)
        for (state, row) in table {
            let calls = [Side.seller, .buyer].flatMap { side in
                [VersionLife.Message.offer, sign, .withdraw, .decline].map { (side, $0) }
            }
            for ((side, message), expected) in zip(calls, row) {
                #expect(
                    Self.result(message, by: side, in: state) == expected,
                    "\(state) \(side) \(message)")
            }
        }
    }

    private static func result(
        _ message: VersionLife.Message, by side: Side, in state: Version
    ) -> Result<Version, VersionLife.Refusal> {
        Result { () throws(VersionLife.Refusal) in
            try VersionLife.receive(
                message, by: side, writtenBy: .seller, in: state, digest: digest)
        }
    }

    @Test("A signature over another digest is refused in every open state")
    func otherDigest() {
        let wrong = VersionLife.Message.sign(digest: Self.other)
        for state in [Version.offered, .signedBySeller] {
            #expect(Self.result(wrong, by: .buyer, in: state) == .failure(.digestDiffers))
        }
        #expect(Self.result(wrong, by: .seller, in: .draft) == .failure(.digestDiffers))
        #expect(Self.result(wrong, by: .buyer, in: .signed) == .failure(.alreadySigned))
        #expect(Version.allCases.filter(\.isOpen).count == 3)
        for state in Version.allCases where !state.signers.isEmpty {
            #expect(state.isOpen == (state != .signed))
        }
    }

    /// By the seller; a suspended contract was suspended by the seller.
    @Test("A contract takes each message in each state as the table says")
    func contract() {
        let table: [ContractLife.State: [ContractLife.Message: ContractLife.State]] = [
            .draft: [.addVersion: .draft, .offerVersion: .offered],
            .offered: [.addVersion: .offered, .offerVersion: .offered, .versionSigned: .active],
            .active: [
                .addVersion: .active, .offerVersion: .active, .versionSigned: .active,
                .suspend: .suspended, .giveNotice: .active,
            ],
            .suspended: [
                .addVersion: .suspended, .offerVersion: .suspended, .versionSigned: .suspended,
                .resume: .active, .giveNotice: .suspended,
            ],
            .ended: [:],
        ]
        #expect(table.count == ContractLife.State.allCases.count)
        for (state, row) in table {
            for message in ContractLife.Message.allCases {
                let suspender: Side? = state == .suspended ? .seller : nil
                let standing = ContractLife.Standing(state, suspendedBy: suspender)
                let next = try? ContractLife.receive(message, by: .seller, in: standing)
                #expect(next == row[message], "\(state) \(message)")
                // a notice ends it when its time has come, and is given once
                let noticed = ContractLife.Standing(
                    state, suspendedBy: suspender, noticeIsGiven: true)
                let after = try? ContractLife.receive(message, by: .seller, in: noticed)
                switch message {
                case .giveNotice: #expect(after == nil)
                case .runOut:
                    #expect(after == ([.active, .suspended].contains(state) ? .ended : nil))
                default: #expect(after == row[message], "\(state) \(message)")
                }
            }
        }
        #expect(ContractLife.State.allCases.filter(\.opensBooking) == [.active])
    }

    @Test("Who did not suspend it does not let it go on")
    func resuming() {
        let standing = ContractLife.Standing(.suspended, suspendedBy: .buyer)
        #expect(throws: ContractLife.Refusal.notYourSide) {
            try ContractLife.receive(.resume, by: .seller, in: standing)
        }
        #expect(throws: ContractLife.Refusal.contractSuspended) {
            try ContractLife.receive(.suspend, by: .seller, in: standing)
        }
        #expect(throws: ContractLife.Refusal.contractNotSuspended) {
            try ContractLife.receive(.resume, by: .buyer, in: .init(.active))
        }
    }
}
