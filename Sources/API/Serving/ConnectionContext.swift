import Hummingbird
import NIOCore
import Outgoing

/// What a request's connection tells of it.
struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Who is at the other end: the client, or a proxy.
    let peer: IPAddress?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = source.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
    }
}
