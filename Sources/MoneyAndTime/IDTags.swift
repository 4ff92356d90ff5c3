// The kinds of things that have identifiers. They live here, so that rooms can name each
// other's things without importing each other.

package enum OrganisationTag: IDTag { package static let prefix = "org" }
package enum UnitTag: IDTag { package static let prefix = "unit" }
package enum MemberTag: IDTag { package static let prefix = "member" }
package enum CredentialTag: IDTag { package static let prefix = "credential" }
package enum SpecialistTag: IDTag { package static let prefix = "specialist" }
package enum LicenceTag: IDTag { package static let prefix = "licence" }
package enum ContractTag: IDTag { package static let prefix = "contract" }
package enum AvailabilityRuleTag: IDTag { package static let prefix = "availability" }
package enum ReservationTag: IDTag { package static let prefix = "reservation" }
package enum BookingTag: IDTag { package static let prefix = "booking" }
package enum HandshakeTag: IDTag { package static let prefix = "handshake" }
package enum ObservationTag: IDTag { package static let prefix = "observation" }
package enum ChargeTag: IDTag { package static let prefix = "charge" }
package enum StatementTag: IDTag { package static let prefix = "statement" }
package enum InvoiceTag: IDTag { package static let prefix = "invoice" }
package enum BankEntryTag: IDTag { package static let prefix = "bankentry" }
package enum BankFileTag: IDTag { package static let prefix = "bankfile" }
package enum EntryTag: IDTag { package static let prefix = "entry" }
package enum EventTag: IDTag { package static let prefix = "event" }
package enum WindowTag: IDTag { package static let prefix = "window" }
package enum MailTag: IDTag { package static let prefix = "mail" }

package typealias OrganisationID = ID<OrganisationTag>
package typealias UnitID = ID<UnitTag>
package typealias MemberID = ID<MemberTag>
package typealias CredentialID = ID<CredentialTag>
package typealias SpecialistID = ID<SpecialistTag>
package typealias LicenceID = ID<LicenceTag>
package typealias ContractID = ID<ContractTag>
package typealias AvailabilityRuleID = ID<AvailabilityRuleTag>
package typealias ReservationID = ID<ReservationTag>
package typealias BookingID = ID<BookingTag>
package typealias HandshakeID = ID<HandshakeTag>
package typealias ObservationID = ID<ObservationTag>
package typealias ChargeID = ID<ChargeTag>
package typealias StatementID = ID<StatementTag>
package typealias InvoiceID = ID<InvoiceTag>
package typealias BankEntryID = ID<BankEntryTag>
package typealias BankFileID = ID<BankFileTag>
package typealias EntryID = ID<EntryTag>
package typealias EventID = ID<EventTag>
package typealias WindowID = ID<WindowTag>
package typealias MailID = ID<MailTag>
