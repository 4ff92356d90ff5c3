import Foundation

/// `api/openapi.yaml`, which travels with the program.
package enum APIDescription {
    /// The file is missing from where the program was put.
    package struct Missing: Error {}

    package static func bytes() throws -> [UInt8] {
        let folder = Bundle.module.resourceURL?.appendingPathComponent("api")
        guard let folder else { throw Missing() }
        return Array(try Data(contentsOf: folder.appendingPathComponent("openapi.yaml")))
    }
}
