import ArgumentParser
import AsyncHTTPClient
import Hummingbird

@main
struct Aikatori: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aikatori",
        abstract: "A marketplace for specialists' time between organisations.")
}
