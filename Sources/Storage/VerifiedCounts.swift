import Postgres

/// How much there is of what `verify` checks, as `aikatori_reader` sees it.
package enum VerifiedCounts {
    /// One row, with a column for each rule of `Marketplace.VerifiedRule`.
    package static let query: Query = """
        select (select count(*) from entry) as entries,
            (select count(distinct book) from account) as books,
            (select count(*) from period_close) as periods,
            (select count(*) from entry where kind = 'reversal') as reversals,
            (select count(*) from budget_counter) as budgets,
            (select count(*) from charge) as charges,
            (select count(*) from invoice) as invoices,
            (select count(*) from invoice_counter)
                + (select count(*) from self_billing_counter where kind = 'invoice')
                as invoice_numbers,
            (select count(*) from allocation) as settlements,
            (select count(*) from contract_version where signed_at is not null) as versions,
            (select count(*) from handshake) as handshakes,
            (select count(*) from availability_window) as start_times,
            (select count(*) from block) as blocks,
            (select count(*) from resource_time) as resources,
            (select count(*) from group_session) as groups,
            (select count(*) from audit_seal) as audit_chain
        """
}
