import MoneyAndTime
import Organisations
import StrictJSON

/// A field of care as a form offers it: a medical specialty or a profession, by its code.
struct CareField: Equatable {
    let isSpecialty: Bool
    let system: String
    let code: String

    /// The Finnish specialties, and the occupations of ISCO-08.
    private static let (specialties, occupations) =
        ("1.2.246.537.6.24", "2.16.840.1.113883.2.9.6.2.7")

    /// Those that forms offer; every other is shown by its code.
    static let offered: [CareField] =
        ["98", "97", "70", "74", "75", "77", "78", "10", "40", "60", "96"].map {
            CareField(isSpecialty: true, system: specialties, code: $0)
        }
        + ["2634", "2266", "2264", "2221", "2265"].map {
            CareField(isSpecialty: false, system: occupations, code: $0)
        }

    init(isSpecialty: Bool, system: String, code: String) {
        self.isSpecialty = isSpecialty
        self.system = system
        self.code = code
    }

    /// Of a service; its specialty where it has both.
    init?(_ service: JSON) {
        let specialty = service["specialty"]
        let coded = specialty ?? service["profession"]
        guard let system = coded?["system"]?.text, let code = coded?["code"]?.text else {
            return nil
        }
        self.init(isSpecialty: specialty != nil, system: system, code: code)
    }

    /// As a form sends it.
    init?(value: String) {
        let parts = value.split(separator: " ").map(String.init)
        guard parts.count == 3, ["specialty", "profession"].contains(parts[0]) else { return nil }
        self.init(isSpecialty: parts[0] == "specialty", system: parts[1], code: parts[2])
    }

    var value: String { "\(key) \(system) \(code)" }

    /// The member of a service that holds it.
    var key: String { isSpecialty ? "specialty" : "profession" }
}

extension Visitor {
    func name(of field: CareField) -> String {
        texts["field_\(field.code)"] ?? "\(field.system) \(field.code)"
    }

    /// `Psychiatry: visit with a patient, by video (Finnish, Swedish).`
    func words(of service: JSON) -> String {
        let field = CareField(service).map(name) ?? ""
        let kind = say("choice_kind_\(service["kind"]?.text ?? "")")
        let modality = say("choice_modality_\(service["modality"]?.text ?? "")")
        let how = "\(kind.lowercasedFirst), \(modality.lowercasedFirst)"
        return "\(field): \(how) (\(languages(of: service)))."
    }

    func languages(of service: JSON) -> String {
        (service["languages"]?.elements ?? []).compactMap(\.text)
            .map { texts["language_\($0)"] ?? $0 }.joined(separator: ", ")
    }

    /// Euros a minute; nil where none is said.
    func pricePerMinute(_ price: JSON?) -> String? {
        price?.text.map { say("price_a_minute", language.number($0)) }
    }

    func regions(_ codes: JSON?) -> String {
        (codes?.elements ?? []).compactMap(\.text).map { say("region_\($0.lowercased())") }
            .joined(separator: ", ")
    }

    var fieldChoices: [Choice] {
        CareField.offered.map { Choice($0.value, name(of: $0)) }
    }

    var regionChoices: [Choice] {
        Region.allCases.map { Choice($0.rawValue, say("region_\($0.rawValue.lowercased())")) }
    }

    var languageChoices: [Choice] {
        Language.allCases.map { Choice($0.rawValue, say("language_\($0.rawValue)")) }
    }
}

extension String {
    fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
