import Testing
import Visits

@Suite struct RoomTests {
    @Test(
        arguments: [
            (Room.Provider.builtIn, nil), (.jitsi, "https://meet.example/a-1"),
            (.ownLink, "https://video.example/rooms/2?visit=7"),
        ] as [(Room.Provider, String?)])
    func takes(_ provider: Room.Provider, _ link: String?) throws {
        let room = try Room(provider: provider, link: link)
        #expect(room.provider == provider && room.link == link)
    }

    @Test(
        arguments: [
            (.builtIn, "https://video.example"), (.jitsi, nil), (.ownLink, nil), (.ownLink, ""),
            (.ownLink, "http://video.example"), (.ownLink, "javascript:alert(1)"),
            (.ownLink, "https://"), (.ownLink, "https:///path"),
            (.ownLink, "https://bank.example@video.example/"), (.ownLink, "https://a b.example"),
            (.ownLink, "https://vidéo.example"),
            (.ownLink, "https://video.example/" + String(repeating: "x", count: 500)),
        ] as [(Room.Provider, String?)])
    func refuses(_ provider: Room.Provider, _ link: String?) {
        #expect(throws: Room.LinkRefused.self) { try Room(provider: provider, link: link) }
    }
}
