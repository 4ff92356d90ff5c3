/// A setting that cannot be, told so that it can be put right. Secrets are not repeated.
package struct SettingProblem: Error, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// `place` is where the value came from; empty for the environment.
    package init(_ setting: Setting, is value: String, from place: String) {
        let start = place.isEmpty ? "" : "\(place): "
        let found = setting.isSecret ? "" : " is \"\(value)\", and"
        self.init("\(start)\(setting.name)\(found) must be \(setting.form)")
    }
}
