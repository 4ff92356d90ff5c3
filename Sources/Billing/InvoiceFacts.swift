import MoneyAndTime

/// What an invoice or a credit note says, as a document holds it: amounts as numbers, identifiers
/// as they are written. It can hold what no `Invoice` can be, so that `InvoiceChecks` can say all
/// that is wrong at once; and it is what other forms of the same invoice are written from. `BT-`
/// numbers are EN 16931's own.
package struct InvoiceFacts: Hashable, Sendable {
    /// BT-3, in the codes of UNTDID 1001.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case invoice = "380"
        case creditNote = "381"
        /// Made by the buyer in the seller's name.
        case selfBilledInvoice = "389"
        case selfBilledCreditNote = "261"

        package var isCredit: Bool { self == .creditNote || self == .selfBilledCreditNote }
        package var isSelfBilled: Bool {
            self == .selfBilledInvoice || self == .selfBilledCreditNote
        }
    }

    /// What an invoice that the buyer made says of it (VAT Act 1501/1993, section 209 e; Directive
    /// 2006/112/EC, article 226(10a)).
    package static let selfBillingMention = "Itselaskutus / Självfakturering / Self-billing"

    /// The seller (BG-4) or the buyer (BG-7).
    package struct Party: Hashable, Sendable {
        package var name: String
        package var businessID: String?
        package var vatID: String?
        /// The e-invoice address (BT-34, BT-49).
        package var ovt: String?
        package var street: String
        package var postalCode: String
        package var city: String
        package var country: String

        package init(
            name: String, businessID: String?, vatID: String?, ovt: String?, street: String,
            postalCode: String, city: String, country: String
        ) {
            self.name = name
            self.businessID = businessID
            self.vatID = vatID
            self.ovt = ovt
            self.street = street
            self.postalCode = postalCode
            self.city = city
            self.country = country
        }
    }

    /// The treatment of VAT that a line or a breakdown names.
    package struct VAT: Hashable, Sendable {
        /// A code of UNCL 5305: `S`, `E`, `Z`.
        package var category: String
        package var rate: Percentage

        package init(category: String, rate: Percentage) {
            self.category = category
            self.rate = rate
        }
    }

    /// BG-23.
    package struct Breakdown: Hashable, Sendable {
        package var vat: VAT
        package var taxable: Money
        package var tax: Money
        package var exemptionCode: String?
        package var exemptionReason: String?

        package init(
            vat: VAT, taxable: Money, tax: Money, exemptionCode: String?, exemptionReason: String?
        ) {
            self.vat = vat
            self.taxable = taxable
            self.tax = tax
            self.exemptionCode = exemptionCode
            self.exemptionReason = exemptionReason
        }
    }

    /// The first and the last day, which may be the wrong way round.
    package struct Days: Hashable, Sendable {
        package var first: CalendarDate
        package var last: CalendarDate

        package init(first: CalendarDate, last: CalendarDate) {
            self.first = first
            self.last = last
        }
    }

    /// BG-25; its number is its place, from one.
    package struct Line: Hashable, Sendable {
        package var text: String
        package var detail: String?
        package var quantity: BilledQuantity
        package var price: UnitPrice
        package var baseQuantity: Int64
        package var net: Money
        package var vat: VAT
        package var days: Days?
        package var costCentre: String?

        package init(
            text: String, detail: String? = nil, quantity: BilledQuantity, price: UnitPrice,
            baseQuantity: Int64, net: Money, vat: VAT, days: Days?, costCentre: String?
        ) {
            self.text = text
            self.detail = detail
            self.quantity = quantity
            self.price = price
            self.baseQuantity = baseQuantity
            self.net = net
            self.vat = vat
            self.days = days
            self.costCentre = costCentre
        }
    }

    /// What a credit note takes back (BT-25, BT-26).
    package struct Original: Hashable, Sendable {
        package var number: String
        package var issuedOn: CalendarDate?

        package init(number: String, issuedOn: CalendarDate?) {
            self.number = number
            self.issuedOn = issuedOn
        }
    }

    package var kind: Kind
    package var number: String
    package var issuedOn: CalendarDate
    package var dueOn: CalendarDate?
    package var buyerReference: String?
    package var orderReference: String?
    package var contract: String?
    package var original: Original?
    package var days: Days?
    package var note: String?
    package var seller: Party
    package var buyer: Party
    package var iban: String?
    package var reference: String?
    package var lines: [Line]
    package var breakdowns: [Breakdown]
    /// BT-106.
    package var net: Money
    /// BT-110.
    package var vat: Money
    /// BT-112, BT-115: nothing is prepaid.
    package var total: Money

    package init(
        kind: Kind, number: String, issuedOn: CalendarDate, dueOn: CalendarDate?,
        buyerReference: String?, orderReference: String?, contract: String?, original: Original?,
        days: Days?, note: String?, seller: Party, buyer: Party, iban: String?, reference: String?,
        lines: [Line], breakdowns: [Breakdown], net: Money, vat: Money, total: Money
    ) {
        self.kind = kind
        self.number = number
        self.issuedOn = issuedOn
        self.dueOn = dueOn
        self.buyerReference = buyerReference
        self.orderReference = orderReference
        self.contract = contract
        self.original = original
        self.days = days
        self.note = note
        self.seller = seller
        self.buyer = buyer
        self.iban = iban
        self.reference = reference
        self.lines = lines
        self.breakdowns = breakdowns
        self.net = net
        self.vat = vat
        self.total = total
    }
}

// MARK: - Of an invoice

extension InvoiceFacts {
    /// The same as `UBLInvoice` writes of it; a test compares the two.
    package init(_ invoice: Invoice) {
        self.init(
            kind: invoice.number.isSelfBilled ? .selfBilledInvoice : .invoice,
            number: invoice.number.text, issuedOn: invoice.issuedOn,
            dueOn: invoice.dueOn, buyerReference: invoice.buyerReference,
            orderReference: invoice.orderReference, contract: "\(invoice.contract)", original: nil,
            days: Days(invoice.days), note: invoice.note, seller: Party(invoice.seller),
            buyer: Party(invoice.buyer), iban: invoice.iban.text,
            reference: "\(invoice.reference)", lines: invoice.lines.map(Line.init),
            breakdowns: invoice.calculation.groups.map(Breakdown.init),
            net: invoice.calculation.net, vat: invoice.calculation.vat, total: invoice.total)
    }
}

extension InvoiceFacts.Party {
    package init(_ party: InvoiceParty) {
        self.init(
            name: party.name, businessID: party.businessID.text, vatID: party.vatID?.text,
            ovt: party.ovt.text, street: party.street, postalCode: party.postalCode,
            city: party.city, country: party.country)
    }
}

extension InvoiceFacts.VAT {
    package init(_ vat: InvoiceVAT) {
        self.init(category: vat.category.rawValue, rate: vat.rate)
    }
}

extension InvoiceFacts.Breakdown {
    package init(_ group: InvoiceVATGroup) {
        self.init(
            vat: .init(group.vat), taxable: group.taxable, tax: group.tax,
            exemptionCode: group.vat.exemptionCode, exemptionReason: group.vat.exemptionReason)
    }
}

extension InvoiceFacts.Days {
    package init(_ days: ClosedRange<CalendarDate>) {
        self.init(first: days.lowerBound, last: days.upperBound)
    }
}

extension InvoiceFacts.Line {
    package init(_ line: InvoiceLine) {
        self.init(
            text: line.text, detail: line.begins.map { "Begins at \($0)" },
            quantity: line.quantity, price: line.price, baseQuantity: line.baseQuantity,
            net: line.net, vat: .init(line.vat), days: .init(line.days),
            costCentre: line.costCentre)
    }
}
