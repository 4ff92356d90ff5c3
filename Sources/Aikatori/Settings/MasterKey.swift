import Crypto
import Foundation
import Marketplace

/// The 32 bytes from which all of the server's own secrets are made.
package enum MasterKey {
    /// Reads 32 bytes in base64; nil for anything else.
    package static func bytes(base64 text: String) -> [UInt8]? {
        guard let data = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)),
            data.count == 32
        else { return nil }
        return Array(data)
    }

    /// The key given by a setting; nil where none is.
    package static func given(in settings: Settings) throws -> ServerKeys? {
        if let bytes = settings.masterKey {
            return ServerKeys(master: SymmetricKey(data: bytes))
        }
        return try settings.masterKeyFile.map(read)
    }

    /// The key that is kept in a private cluster's folder, made when there is none.
    package static func kept(in folder: URL) throws -> ServerKeys {
        let file = folder.appending(path: "master-key")
        if !FileManager.default.fileExists(atPath: file.path) {
            let key = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
            try PrivateFile.write("\(key.base64EncodedString())\n", to: file)
        }
        return try read(file)
    }

    private static func read(_ file: URL) throws -> ServerKeys {
        guard let text = try? PrivateFile.read(file), let bytes = bytes(base64: text) else {
            throw SettingProblem(
                "\(file.path) must be \(Setting.masterKeyFile.form) (chmod 600)")
        }
        return ServerKeys(master: SymmetricKey(data: bytes))
    }
}
