import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// The places of a block that are free, each with a field for whoever comes: what is filled in is
/// placed. Or many at once, a line each, into the next free places.
struct PlacingForm {
    /// A visit, and the field with whose error it is shown again.
    struct Wanted {
        let field: String
        let place: Market.WantedPlace
    }

    private let block: Block
    private let sold: SoldInContract?

    init(_ block: Block, _ sold: SoldInContract?) {
        self.block = block
        self.sold = sold
    }

    /// A place by the minutes from the block's start: the same, whichever others are free.
    private func number(of start: Instant) -> Int64 {
        // within the block the difference is small
        (start.microseconds - block.during.start.microseconds) / 60_000_000
    }

    /// What a visit brings, in the order of a line.
    private var columns: [String] {
        let required = sold?.required ?? []
        let isBetweenProfessionals = sold?.terms["kind"]?.text == "professional_consultation"
        return (isBetweenProfessionals ? [] : ["patient_reference"])
            + ["diary_reference", "authorisation_reference"].filter(required.contains)
            + (isBetweenProfessionals ? ["record_reference"] : [])
    }

    /// The length of each place: one that the service has.
    func minutes(_ typed: FormFields) -> Int64 {
        let lengths = sold?.lengths ?? []
        let asked = typed.text("minutes").flatMap { Int64($0) }
        return asked.flatMap { lengths.contains($0) ? $0 : nil }
            ?? lengths.first { $0 >= 20 } ?? lengths.last ?? 20
    }

    func fields(
        _ visitor: Visitor, _ typed: FormFields, _ errors: FieldErrors
    ) throws -> [String: Any] {
        let zone = try visitor.signedIn.zone
        let minutes = minutes(typed)
        let places = try shown(minutes: minutes, typed)
        let rows = places.map { place -> [String: Any] in
            let index = number(of: place.start)
            let moment = visitor.language.times(place, on: zone.date(of: place.start), in: zone)
            return [
                "moment": moment,
                "cells": ReferenceCells.fields(
                    columns, row: index, beside: moment, visitor, typed, errors),
            ]
        }
        var fields: [String: Any] = [
            "minutes": Choice.field(
                "minutes", visitor.say("find_minutes"),
                (sold?.lengths ?? []).map {
                    Choice("\($0)", visitor.language.length(seconds: $0 * 60))
                }, selected: "\(minutes)"),
            "length": "\(minutes)",
        ]
        if !rows.isEmpty {
            fields["some"] = [
                "columns": columns.map { ["text": visitor.say($0)] }, "rows": rows,
            ]
            var pasted: [String: Any] = [
                "id": "references", "label": visitor.say("placing_paste"),
                "hint": visitor.say(
                    "placing_paste_hint", columns.map { visitor.say($0) }.joined(separator: "; ")),
                "value": typed.text("references") ?? "",
            ]
            if let error = errors.message(of: "references") {
                pasted["error"] = ["text": visitor.say(error)]
            }
            fields["pasted"] = ["area": pasted]
        }
        return fields
    }

    /// The free places; and those that were taken while one typed, so that nothing typed is lost.
    private func shown(minutes: Int64, _ typed: FormFields) throws -> [TimeSlot] {
        let free = try block.places(minutes: minutes).prefix(Market.mostPlaced)
        let numbers = Set(free.map { number(of: $0.start) })
        let gone = typedPlaces(typed).filter { !numbers.contains($0) }.compactMap { number in
            try? TimeSlot(
                start: block.during.start.adding(seconds: number * 60),
                end: block.during.start.adding(seconds: (number + minutes) * 60))
        }
        return (free + gone).sorted { $0.start < $1.start }
    }

    /// The numbers of the places for which something is typed.
    private func typedPlaces(_ typed: FormFields) -> [Int64] {
        stride(from: 0, to: block.during.seconds / 60, by: Int(Block.grid / 60)).filter { number in
            columns.contains { typed.text(ReferenceCells.id($0, number)) != nil }
        }
    }

    /// What is to be placed: the lines that were pasted, else the rows that were filled in.
    func wanted(_ form: FormFields, _ errors: inout FieldErrors) throws -> [Wanted] {
        let minutes = minutes(form)
        let wanted =
            if let lines = form.text("references") {
                try pasted(lines, minutes: minutes, &errors)
            } else {
                rows(form, minutes: minutes, &errors)
            }
        if wanted.isEmpty, errors.isEmpty {
            errors.add(
                try block.places(minutes: minutes).first.map {
                    ReferenceCells.id(columns.first ?? "patient_reference", number(of: $0.start))
                }, "error_placing_nothing")
        }
        return wanted
    }

    private func rows(
        _ form: FormFields, minutes: Int64, _ errors: inout FieldErrors
    ) -> [Wanted] {
        typedPlaces(form).compactMap { index in
            let cells = columns.map { form.text(ReferenceCells.id($0, index)) }
            guard let start = try? block.during.start.adding(seconds: index * 60) else {
                return nil
            }
            return visit(
                at: start, minutes: minutes, cells, field: { ReferenceCells.id($0, index) }, &errors
            )
        }
    }

    private func pasted(
        _ text: String, minutes: Int64, _ errors: inout FieldErrors
    ) throws -> [Wanted] {
        let lines = text.split(whereSeparator: \.isNewline)
            .filter { !$0.allSatisfy(\.isWhitespace) }
        let places = try block.places(minutes: minutes)
        guard lines.count <= min(places.count, Market.mostPlaced) else {
            errors.add("references", "error_placing_too_many")
            return []
        }
        return zip(lines, places).compactMap { line, place in
            let cells = line.split(separator: /[;,\t]/, omittingEmptySubsequences: false).map {
                cell -> String? in
                let word = cell.drop(while: \.isWhitespace)
                let end = word.lastIndex { !$0.isWhitespace }
                return end.map { String(word[...$0]) }
            }
            return visit(
                at: place.start, minutes: minutes, cells, field: { _ in "references" }, &errors)
        }
    }

    /// Nil with what is wrong.
    private func visit(
        at start: Instant, minutes: Int64, _ cells: [String?], field: (String) -> String,
        _ errors: inout FieldErrors
    ) -> Wanted? {
        let required = Set(sold?.required ?? [])
        var values: [String: String] = [:]
        for (column, cell) in zip(columns, cells) { values[column] = cell }
        for column in columns where required.contains(column) && values[column] == nil {
            errors.add(field(column), "error_hand_over")
        }
        for (column, value) in values {
            if PersonalIdentityCode.looksLike(value) {
                errors.add(field(column), "error_identity_code")
            } else if value.count > 100 {
                errors.add(field(column), "error_record_length")
            }
        }
        var patient: PatientReference?
        if let text = values["patient_reference"], !PersonalIdentityCode.looksLike(text) {
            patient = errors.read(field("patient_reference"), "error_patient_form") {
                try PatientReference(text)
            }
        }
        guard errors.isEmpty else { return nil }
        return Wanted(
            field: field(columns.first ?? "patient_reference"),
            place: Market.WantedPlace(
                starts: start, minutes: minutes,
                handOver: HandOver(
                    patient: patient, record: values["record_reference"],
                    authorisation: values["authorisation_reference"],
                    diary: values["diary_reference"])))
    }
}
