import Testing

@testable import Contracts

@Suite("Life of a contract and its versions")
struct LifeTests {
    private static let digest = ContractDigest(of: [1])
    private static let other = ContractDigest(of: [2])

    typealias VersionRow = (
        state: VersionLife.State, message: VersionLife.Message,
        expected: Result<(VersionLife.State, [VersionLife.Action]), VersionLife.Refusal>
    )

    @Test("A version takes each message in each state as the table says")
    func version() throws {
        let sell = VersionLife.Message.sign(by: .seller, digest: Self.digest)
        let buy = VersionLife.Message.sign(by: .buyer, digest: Self.digest)
        let rows: [VersionRow] = [
            (.draft, .edit, .success((.draft, [.replaceDocument]))),
            (
                .draft, sell,
                .success(
                    (.signedBySeller, [.keepSignature(of: .seller), .askForSignature(of: .buyer)]))
            ),
            (
                .draft, buy,
                .success(
                    (.signedByBuyer, [.keepSignature(of: .buyer), .askForSignature(of: .seller)]))
            ),
            (.draft, .withdraw, .success((.withdrawn, [.announceWithdrawal]))),
            (.signedBySeller, .edit, .failure(.signedVersionNeverChanges)),
            (.signedBySeller, sell, .failure(.alreadySigned)),
            (.signedBySeller, buy, .success((.signed, [.keepSignature(of: .buyer), .takeEffect]))),
            (.signedBySeller, .withdraw, .success((.withdrawn, [.announceWithdrawal]))),
            (.signedByBuyer, .edit, .failure(.signedVersionNeverChanges)),
            (
                .signedByBuyer, sell,
                .success((.signed, [.keepSignature(of: .seller), .takeEffect]))
            ),
            (.signedByBuyer, buy, .failure(.alreadySigned)),
            (.signedByBuyer, .withdraw, .success((.withdrawn, [.announceWithdrawal]))),
            (.signed, .edit, .failure(.signedVersionNeverChanges)),
            (.signed, sell, .failure(.alreadySigned)),
            (.signed, buy, .failure(.alreadySigned)),
            (.signed, .withdraw, .failure(.signedVersionNeverChanges)),
            (.withdrawn, .edit, .failure(.withdrawn)),
            (.withdrawn, sell, .failure(.withdrawn)),
            (.withdrawn, buy, .failure(.withdrawn)),
            (.withdrawn, .withdraw, .failure(.withdrawn)),
        ]
        #expect(rows.count == VersionLife.State.allCases.count * 4)
        for row in rows { Self.check(row) }
    }

    @Test("A signature over another digest is refused in every open state")
    func otherDigest() {
        for state in [VersionLife.State.draft, .signedBySeller] {
            Self.check(
                (state, .sign(by: .buyer, digest: Self.other), .failure(.digestDiffers)))
        }
        Self.check(
            (.signed, .sign(by: .buyer, digest: Self.other), .failure(.alreadySigned)))
    }

    private static func check(_ row: VersionRow) {
        let place: Comment = "\(row.state) \(row.message)"
        do throws(VersionLife.Refusal) {
            let result = try VersionLife.receive(row.message, in: row.state, digest: digest)
            guard case .success(let (state, actions)) = row.expected else {
                Issue.record("accepted: \(place)")
                return
            }
            #expect(result.state == state, place)
            #expect(result.actions == actions, place)
        } catch {
            guard case .failure(let refusal) = row.expected else {
                Issue.record("refused: \(place)")
                return
            }
            #expect(error == refusal, place)
        }
    }

    @Test("A contract takes each message in each state as the table says")
    func contract() {
        let table: [(ContractLife.State, ContractLife.Message, ContractLife.State?)] = [
            (.draft, .addVersion, .draft), (.draft, .versionSigned, .active), (.draft, .end, nil),
            (.active, .addVersion, .active), (.active, .versionSigned, .active),
            (.active, .end, .ended),
            (.ended, .addVersion, nil), (.ended, .versionSigned, nil), (.ended, .end, nil),
        ]
        #expect(
            table.count
                == ContractLife.State.allCases.count * ContractLife.Message.allCases.count)
        for (state, message, next) in table {
            let result = try? ContractLife.receive(message, in: state)
            #expect(result?.state == next, "\(state) \(message)")
            #expect(result?.actions.isEmpty != true)
        }
        #expect(throws: ContractLife.Refusal.contractEnded) {
            _ = try ContractLife.receive(.versionSigned, in: .ended)
        }
        #expect(throws: ContractLife.Refusal.contractNotActive) {
            _ = try ContractLife.receive(.end, in: .draft)
        }
        #expect(ContractLife.State.allCases.filter(\.opensBooking) == [.active])
    }
}
