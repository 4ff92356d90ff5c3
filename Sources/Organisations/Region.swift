/// Where care is given: a wellbeing services county of Finland, Helsinki or Åland, by its code in
/// Statistics Finland's classification of wellbeing services counties
/// (`hyvinvointialue_1_20230101`), or the whole country by its code in ISO 3166-1.
package enum Region: String, Hashable, Sendable, CaseIterable {
    case wholeCountry = "FI"
    case eastUusimaa = "01"
    case centralUusimaa = "02"
    case westUusimaa = "03"
    case vantaaAndKerava = "04"
    case southwestFinland = "05"
    case satakunta = "06"
    case kantaHame = "07"
    case pirkanmaa = "08"
    case paijatHame = "09"
    case kymenlaakso = "10"
    case southKarelia = "11"
    case southSavo = "12"
    case northSavo = "13"
    case northKarelia = "14"
    case centralFinland = "15"
    case southOstrobothnia = "16"
    case ostrobothnia = "17"
    case centralOstrobothnia = "18"
    case northOstrobothnia = "19"
    case kainuu = "20"
    case lapland = "21"
    case helsinki = "90"
    case aland = "91"

    /// Whether what is offered in some regions reaches somebody in others.
    package static func meet(_ offered: Set<Region>, _ wanted: Set<Region>) -> Bool {
        offered.contains(.wholeCountry) || wanted.contains(.wholeCountry)
            || !offered.isDisjoint(with: wanted)
    }
}
