/// What a member or a credential is trusted with. Which operation needs which role is the
/// operation table's matter.
package enum Role: String, Hashable, Sendable, CaseIterable {
    /// Publishes and books time, runs the handshake.
    case scheduler
    /// Sees and joins one's own visits, attests their minutes.
    case specialist
    /// Statements, invoices, bank files.
    case finance
    /// Members, credentials, drafts of contracts; everything that is not another role's alone.
    case admin
    /// Signs contracts in the organisation's name; an administrator gives the role.
    case signatory
    /// Reads everything of its organisation, changes nothing.
    case auditor
}
