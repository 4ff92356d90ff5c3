import MoneyAndTime
import Organisations
import Storage

/// The places of a session that are left, each with fields for whoever comes: what is filled in is
/// booked.
struct GroupPlacesForm {
    /// So many are shown at once.
    private static let most: Int64 = 12

    private let count: Int
    private let sold: SoldInContract?

    init(left: Int64, _ sold: SoldInContract?) {
        count = Int(min(left, Self.most))
        self.sold = sold
    }

    private var columns: [String] {
        let required = sold?.required ?? []
        return ["patient_reference"]
            + ["authorisation_reference", "diary_reference"].filter(required.contains)
    }

    func fields(
        _ visitor: Visitor, _ typed: FormFields, _ errors: FieldErrors
    ) -> [String: Any] {
        let rows = (0..<count).map { index -> [String: Any] in
            let place = visitor.say("session_place", visitor.language.number("\(index + 1)"))
            return [
                "place": place,
                "cells": ReferenceCells.fields(
                    columns, row: index, beside: place, visitor, typed, errors),
            ]
        }
        return ["columns": columns.map { ["text": visitor.say($0)] }, "rows": rows]
    }

    /// Who is to have a place: the rows that were filled in.
    func patients(_ form: FormFields, _ errors: inout FieldErrors) -> [HandOver] {
        let patients = (0..<Int(Self.most)).compactMap { index -> HandOver? in
            let values = columns.map { form.text(ReferenceCells.id($0, index)) }
            guard values.contains(where: { $0 != nil }) else { return nil }
            return patient(
                Dictionary(uniqueKeysWithValues: zip(columns, values)), index, &errors)
        }
        if patients.isEmpty, errors.isEmpty {
            errors.add("patient_reference_0", "error_session_nobody")
        }
        return patients
    }

    private func patient(
        _ values: [String: String?], _ index: Int, _ errors: inout FieldErrors
    ) -> HandOver? {
        let required = Set(sold?.required ?? [])
        var reference: PatientReference?
        for column in columns {
            let field = ReferenceCells.id(column, index)
            guard let value = values[column] ?? nil else {
                if required.contains(column) { errors.add(field, "error_hand_over") }
                continue
            }
            if PersonalIdentityCode.looksLike(value) {
                errors.add(field, "error_identity_code")
            } else if value.count > 100 {
                errors.add(field, "error_record_length")
            } else if column == "patient_reference" {
                reference = errors.read(field, "error_patient_form") {
                    try PatientReference(value)
                }
            }
        }
        return HandOver(
            patient: reference, authorisation: values["authorisation_reference"] ?? nil,
            diary: values["diary_reference"] ?? nil)
    }
}
