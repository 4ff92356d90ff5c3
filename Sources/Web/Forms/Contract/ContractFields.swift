import Contracts
import MoneyAndTime
import StrictJSON

/// The fields of one part of the form, one after the other, as the template reads them: what
/// begins, what ends, and what stands between.
struct ContractFields {
    private let form: ContractForm
    private let labels: TermLabels
    private let text: FieldText
    /// Places of terms that the market does not carry out yet.
    private let pending: Set<String>
    private(set) var blocks: [[String: Any]] = []
    private var focus: String?

    init(_ form: ContractForm, pending: [String]) {
        self.form = form
        self.pending = Set(pending)
        labels = TermLabels(form.visitor)
        text = ContractForm.text(form.visitor.language)
        focus = form.focus
        let members = form.draft.shape.members
        // leaves on top stand together; everything else has a card of its own
        let own = form.section.members.compactMap { key in members.first { $0.key == key } }
        let leaves = own.filter(\.shape.isLeaf)
        if !leaves.isEmpty {
            begin(nil, legend: form.visitor.say("contract_form_generally"))
            for member in leaves { add(member, to: []) }
            end()
        }
        for member in own where !member.shape.isLeaf { add(member, to: []) }
    }

    private func pointer(_ place: [String]) -> String {
        place.reduce(JSONPointer.root) { $0.appending($1) }.text
    }

    private func value(_ place: [String]) -> JSON? { form.draft.json[place: place] }

    private func say(_ key: String, _ word: String) -> String { form.visitor.say(key, word) }

    // MARK: Members

    private mutating func add(_ member: ContractShape.Member, to place: [String]) {
        let place = place + [member.key]
        let value = value(place)
        switch member.shape {
        case .object:
            if let value, value.members == nil { return addStrange(place) }
            guard value != nil || member.isRequired else { return offer(place) }
            begin(place, legend: labels.label(place))
            addMembers(of: member.shape, at: place)
            end(removing: member.isRequired ? nil : place)
        case .list(let element, let most):
            if let value, value.elements == nil { return addStrange(place) }
            let count = value?.elements?.count ?? 0
            guard count > 0 || member.isRequired else { return offer(place) }
            begin(place, legend: labels.label(place))
            for index in 0..<count { add(element: element, at: place + ["\(index)"], of: count) }
            if count < most { offer(place, as: labels.element(place)) }
            end()
        case .texts, .choices, .choice, .flag, .number, .text: addField(member, at: place)
        }
    }

    /// The members of an object, the rarely touched ones folded, and what no contract has.
    private mutating func addMembers(of shape: ContractShape, at place: [String]) {
        let isFolded = { (member: ContractShape.Member) in
            let kinds = TermLabels.kinds(place + [member.key]).joined(separator: "/")
            return ContractSection.folded.contains(kinds)
        }
        let members = shape.members.filter { isShown($0, at: place + [$0.key]) }
        for member in members where !isFolded(member) { add(member, to: place) }
        let folded = members.filter(isFolded)
        if !folded.isEmpty {
            let isOpen = folded.contains { isWrong(within: place + [$0.key]) }
            blocks.append([
                "folds": [
                    "is_open": isOpen, "summary": form.visitor.say("contract_form_more"),
                ] as [String: Any]
            ])
            for member in folded { add(member, to: place) }
            blocks.append(["unfolds": true])
        }
        let known = shape.members.map(\.key)
        for key in value(place)?.members?.keys ?? [] where !known.contains(key) {
            addStrange(place + [key])
        }
    }

    /// One value alone is nothing to choose, and only a group session has places.
    private func isShown(_ member: ContractShape.Member, at place: [String]) -> Bool {
        if member.key == "capacity" {
            let kind = value(place.dropLast() + ["kind"])?.text
            return kind == "group_session" || value(place) != nil || isWrong(within: place)
        }
        guard case .choice(let values) = member.shape else { return true }
        return values.count > 1
    }

    private func isWrong(within place: [String]) -> Bool {
        let pointer = pointer(place)
        return form.errors.entries.contains { entry in
            entry.field == pointer || entry.field?.hasPrefix(pointer + "/") == true
        }
    }

    // MARK: Elements of lists

    private mutating func add(element shape: ContractShape, at place: [String], of count: Int) {
        let list = Array(place.dropLast())
        let kinds = TermLabels.kinds(list).joined(separator: "/")
        let element = value(place) ?? .null
        guard element.members != nil else { return addStrange(place) }
        let number = labels.place(place)
        let name = labels.name(of: element)
        let title = name.isEmpty ? number : form.visitor.say("contract_form_named", number, name)
        let isRow = ContractSection.rows.contains(kinds)
        let isOpen =
            isRow || kinds == "services" && count == 1 || form.opened.contains(pointer(place))
            || isWrong(within: place)
        guard isOpen else {
            blocks.append([
                "closed": [
                    "title": title, "place": pointer(place),
                    "change": say("contract_form_change", number),
                    "remove": say("contract_form_remove", number),
                    "change_text": form.visitor.say("contract_form_change_short"),
                    "remove_text": form.visitor.say("contract_form_remove_short"),
                ]
            ])
            return
        }
        begin(place, legend: title, isRow: isRow)
        addMembers(of: shape, at: place)
        let isLast =
            count == 1
            && [
                "services", "cancellation/buyer", "cancellation/seller",
                "worked_examples",
            ].contains(kinds)
        end(removing: isLast ? nil : place, as: number)
    }

    // MARK: What is around fields

    private mutating func begin(_ place: [String]?, legend: String, isRow: Bool = false) {
        var group: [String: Any] = ["legend": legend, "is_row": isRow]
        if let place {
            let pointer = pointer(place)
            group["place"] = ["pointer": pointer]
            if let error = form.errors.message(of: pointer) { group["wrong"] = ["text": error] }
            if let hint = labels.hint(place), !isRow { group["about"] = ["text": hint] }
            if pending.contains(pointer) { group["pending"] = true }
        }
        blocks.append(["begins": group])
    }

    private mutating func end(removing place: [String]? = nil, as name: String? = nil) {
        var group: [String: Any] = [:]
        if let place {
            group["removal"] = [
                "place": pointer(place),
                "text": say("contract_form_remove", name ?? labels.label(place)),
            ]
        }
        blocks.append(["ends": group])
    }

    /// A button that agrees on a term, or adds one to a list.
    private mutating func offer(_ place: [String], as name: String? = nil) {
        var button: [String: Any] = [
            "place": pointer(place),
            "text": say("contract_form_add", name ?? labels.element(place)),
        ]
        if value(place) == nil, let hint = labels.hint(place) ?? labels.absence(place) {
            button["about"] = ["text": hint]
        }
        blocks.append(["offers": button])
    }

    /// What a document has there, and no contract can have.
    private mutating func addStrange(_ place: [String]) {
        var strange: [String: Any] = [
            "place": pointer(place), "name": place.last ?? "",
            "value": String((value(place) ?? .null).compactText.prefix(200)),
            "remove": say("contract_form_remove", place.last ?? ""),
        ]
        if let error = form.errors.message(of: pointer(place)) {
            strange["wrong"] = ["text": error]
        }
        blocks.append(["strange": strange])
    }

    // MARK: Fields

    private mutating func addField(_ member: ContractShape.Member, at place: [String]) {
        let pointer = pointer(place)
        let value = value(place)
        var field: [String: Any] = ["id": pointer, "label": labels.label(place)]
        if let hint = labels.hint(place) { field["about"] = ["text": hint] }
        if let error = form.errors.message(of: pointer) { field["wrong"] = ["text": error] }
        if pending.contains(pointer) { field["pending"] = true }
        let described = [
            field["about"] == nil ? nil : "\(pointer)-hint",
            field["wrong"] == nil ? nil : "\(pointer)-error",
            field["pending"] == nil ? nil : "\(pointer)-pending",
        ].compactMap { $0 }
        if !described.isEmpty { field["described"] = ["ids": described.joined(separator: " ")] }
        if let focus, pointer.hasPrefix(focus + "/") {
            field["is_first"] = true
            self.focus = nil
        }
        let shown = text.shown(value, as: member.shape)
        switch member.shape {
        case .choices(let offered):
            field["boxes"] = boxes(offered, at: place, value)
            blocks.append(["several": field])
        case .choice(let offered):
            field["options"] = options(
                offered.map { Choice($0, labels.choice($0, of: place)) }, shown, member, place)
            blocks.append(["chosen": field])
        case .flag:
            let words = ["true", "false"].map {
                Choice($0, form.visitor.say("contract_form_\($0)"))
            }
            field["options"] = options(words, shown, member, place)
            blocks.append(["chosen": field])
        case .text where place.last == "service":
            field["options"] = options(services, shown, member, place)
            blocks.append(["chosen": field])
        case .texts, .number, .text, .object, .list:
            field["value"] = shown
            field["type"] = Self.type(of: member.shape, shown)
            if case .number = member.shape { field["mode"] = ["name": "numeric"] }
            if case .text(let writing) = member.shape, writing.isDecimal {
                field["mode"] = ["name": "decimal"]
            }
            if ContractSection.wide.contains(member.key) { field["is_wide"] = true }
            let isLong =
                member.shape == .text(.words) || ContractSection.long.contains(member.key)
            blocks.append([isLong ? "long" : "typed": field])
        }
    }

    /// A browser throws away what is no date: then it is shown as a text.
    private static func type(of shape: ContractShape, _ shown: String) -> String {
        switch shape {
        case .text(.date) where shown.isEmpty || (try? CalendarDate(iso: shown)) != nil: "date"
        case .text(.localTime) where shown.isEmpty || shown.isWholeMinute: "datetime-local"
        default: "text"
        }
    }

    private var services: [Choice] {
        (value(["services"])?.elements ?? []).compactMap { service in
            service["code"]?.text.map { Choice($0, form.visitor.name(of: service)) }
        }
    }

    private func options(
        _ choices: [Choice], _ shown: String, _ member: ContractShape.Member, _ place: [String]
    ) -> [[String: Any]] {
        var all = choices
        if shown.isEmpty || !member.isRequired {
            let none = member.isRequired ? "contract_form_choose" : "contract_form_left_out"
            all.insert(Choice("", form.visitor.say(none)), at: 0)
        }
        if !all.contains(where: { $0.value == shown }) { all.append(Choice(shown, shown)) }
        return all.map { choice in
            var option: [String: Any] = ["value": choice.value, "text": choice.text]
            if choice.value == shown { option["selected"] = true }
            return option
        }
    }

    private func boxes(_ offered: [String], at place: [String], _ value: JSON?) -> [[String: Any]] {
        let chosen = (value?.elements ?? []).compactMap(\.text)
        let all = offered + chosen.filter { !offered.contains($0) }
        return all.enumerated().map { index, choice in
            var box: [String: Any] = [
                "box": index == 0 ? pointer(place) : "\(pointer(place))-\(choice)",
                "value": choice, "text": labels.choice(choice, of: place),
            ]
            if chosen.contains(choice) { box["checked"] = true }
            return box
        }
    }
}

extension String {
    /// `2027-03-09T09:00`, which a browser gives back as it is.
    fileprivate var isWholeMinute: Bool {
        let parts = split(separator: "T", omittingEmptySubsequences: false).map(String.init)
        return parts.count == 2 && parts[1].utf8.count == 5
            && (try? CalendarDate(iso: parts[0])) != nil
            && (try? TimeOfDay(parts[1])).map { $0.minuteOfDay < 1440 } == true
    }
}
