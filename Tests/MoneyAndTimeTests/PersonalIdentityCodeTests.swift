import MoneyAndTime
import Testing

@Suite struct PersonalIdentityCodeTests {
    @Test(arguments: [
        "131052-308T", "131052-308X", "131052+308T", "131052A308T", "131052F308T", "131052Y308T",
        "131052U308T", "131052V308T", "131052W308T", "131052X308T", "131052B308T", "131052C308T",
        "131052D308T", "131052E308T", "010190-9000", "311299-123a", "131052a308t",
        " 131052-308T ", "131052 - 308T", "13 10 52-308T", "131052\u{2013}308T",
        "131052\u{2212}308T", "131052\u{AD}308T", "131052-\u{200B}308T", "hetu:131052-308T",
        "patient 131052-308T.", "(131052-308T)", "x/131052-308T/y", "131052-308T 131052-308T",
    ])
    func isSeen(text: String) {
        #expect(PersonalIdentityCode.looksLike(text))
    }

    @Test(arguments: [
        "", "131052-308", "131052308T", "321052-308T", "001052-308T", "131352-308T", "130052-308T",
        "131052G308T", "131052Z308T", "131052*308T", "131052-3O8T", "131052-308I", "131052-308G",
        "131052-308Ö", "1131052-308T", "131052-308T1", "a131052-308T", "131052--308T",
        "patient-7f3a", "01890a5d-ac96-774b-bcce-b302099a8057",
        "booking_01h455vb4pex5vsknk084sn02q", "2026-03-29",
    ])
    func isNotSeen(text: String) {
        #expect(!PersonalIdentityCode.looksLike(text))
    }
}
