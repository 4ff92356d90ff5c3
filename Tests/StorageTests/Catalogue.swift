import Postgres

/// What the database's own catalogue says of tenancy, privileges and facts, and what is wrong with
/// it: every query names the offender and is empty when all is in order.
enum Catalogue {
    /// Tables without rows of an organisation, and why they have none.
    static let ofNobody: [String: String] = [
        "chart_account": "the accounts that every book may have",
        "entry_rule": "what may be posted, for all",
        "operation_role": "who may do what, for all",
        "reference_rate": "the reference rates of the Interest Act, for all",
        "demo_clock": "the shift of a demo's or a test's clock",
        "alert_kind": "of what people are told, for all",
        "alert_rule": "which events tell them, for all",
        "alert_progress": "how far the events were read for alerts",
        "audit_checkpoint": "the signed heads of all audit chains, published for all",
        "schema_migration": "which migrations the database has",
    ]

    /// Tables whose rows are facts: they are added and never changed.
    static let ofFacts = [
        "event", "audit_fact", "audit_seal", "audit_checkpoint", "audit_head",
        "contract_service", "price", "price_supplement", "price_discount", "signature",
        "handshake_message", "observation", "visit_minutes", "attestation", "entry", "posting",
        "charge", "charge_line", "statement_line", "invoice", "invoice_line", "bank_file",
        "bank_entry", "allocation", "bank_statement", "bank_entry_aside",
        "allocation_return", "payment_approval", "payment_answer", "need_answer",
        "contract_request", "dispute_word", "credit_note", "credit_note_line", "period_close",
        "late_interest", "reference_rate", "billing_run", "rating_again", "rating_again_line",
        "write_off", "write_off_cut", "refund", "netting_claim", "set_off", "net_payment",
        "net_payment_received", "internal_charge", "internal_charge_line",
    ]

    /// Tables of which both sides read a row, and only the one that did it writes one.
    private static let recordedAlone = ["event", "audit_fact"]

    static func findings(in transaction: Transaction) async throws -> [String] {
        var found: [String] = []
        for query in [tables, policies, ofNobodyWritten, facts, roles, views, functions] {
            found += try await transaction.query(query).map { try $0.decode(0) }
        }
        return found
    }

    private static let exempt = ofNobody.keys.sorted()

    private static var tables: Query {
        """
        select relname || case when not relrowsecurity then ' has no row-level security'
            when not relforcerowsecurity then ' does not force row-level security'
            else ' is owned by ' || relowner::regrole end
        from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
          and (relname <> all (\(exempt)) and not (relrowsecurity and relforcerowsecurity)
            or relowner <> 'aikatori_owner'::regrole)
        union all
        select name || ' is exempt and not there' from unnest(\(exempt)) as name
        where to_regclass('public.' || name) is null
        order by 1
        """
    }

    /// Three policies a table: the tenant's own rows, all for the narrow role, all to be read.
    private static var policies: Query {
        """
        with wanted (name, role, command) as (values
            ('tenant', 'aikatori_app', 'ALL'), ('market', 'aikatori_market', 'ALL'),
            ('reader', 'aikatori_reader', 'SELECT')),
        found as (
            select *, translate(qual, '()', '') as condition from pg_policies
            where schemaname = 'public')
        select c.relname || ' has no policy ' || w.name from pg_class c cross join wanted w
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          and c.relname <> all (\(exempt))
          and not exists (select from found f
              where f.tablename = c.relname and f.policyname = w.name
                and f.roles = array[w.role]::name[] and f.cmd = w.command
                and f.permissive = 'PERMISSIVE'
                and (f.with_check is not distinct from
                        case w.command when 'ALL' then f.qual end
                    or c.relname = any (\(recordedAlone)) and w.name = 'tenant'
                        and translate(f.with_check, '()', '')
                            ~ '^organisation = current_organisation( AND |$)')
                and f.condition ~ case w.name when 'tenant' then
                    '^[a-z]+ = current_organisation( OR [a-z]+ = current_organisation)*$'
                    else '^true$' end)
        union all
        select f.tablename || ' has a policy ' || f.policyname from found f
        where f.policyname not in (select name from wanted)
          -- what only takes away: drafts, and what is compiled from them
          -- and what is one member's own
          and (f.permissive, f.policyname in ('offered', 'of_member'), f.roles)
            is distinct from ('RESTRICTIVE', true, array['aikatori_app']::name[])
        order by 1
        """
    }

    private static var ofNobodyWritten: Query {
        """
        select t.name || ' can be written by ' || r.rolname
        from unnest(\(exempt)) as t (name), pg_roles r
        where r.rolname in ('aikatori_app', 'aikatori_market', 'aikatori_reader')
          and to_regclass('public.' || t.name) is not null
          -- the worker that reads them, and nobody else
          and (t.name, r.rolname) not in (
              ('alert_progress', 'aikatori_market'), ('audit_checkpoint', 'aikatori_market'))
          and (has_table_privilege(r.oid, to_regclass('public.' || t.name),
                  'insert, update, delete, truncate')
              or has_any_column_privilege(r.oid, to_regclass('public.' || t.name),
                  'insert, update'))
        order by 1
        """
    }

    /// Neither a grant nor a trigger out of force lets a fact change.
    private static var facts: Query {
        """
        select t.name || ' can be changed by ' || r.rolname
        from unnest(\(ofFacts)) as t (name), pg_roles r
        where r.rolname in ('aikatori_app', 'aikatori_market', 'aikatori_reader')
          and (has_table_privilege(r.oid, t.name::regclass, 'update, delete, truncate')
              or has_any_column_privilege(r.oid, t.name::regclass, 'update'))
        union all
        select t.name || ' has no trigger ' || w.trigger
        from unnest(\(ofFacts)) as t (name)
        -- before each row of an update or delete; before a truncate
        cross join (values ('stays', 27), ('stays_whole', 34)) as w (trigger, kind)
        where not exists (select from pg_trigger g
            where g.tgrelid = t.name::regclass and g.tgname = w.trigger and g.tgtype = w.kind
              and g.tgenabled = 'O' and g.tgqual is null
              and g.tgfoid = 'refuse_change()'::regprocedure)
        union all
        select g.tgrelid::regclass || ' has the trigger ' || g.tgname || ' out of force'
        from pg_trigger g join pg_class c on c.oid = g.tgrelid
        where c.relnamespace = 'public'::regnamespace and g.tgenabled <> 'O'
        order by 1
        """
    }

    /// The application and the reader own nothing and are nobody else; the narrow role owns
    /// functions only, and nobody can log in as it.
    private static var roles: Query {
        """
        with narrow as (
            select * from pg_roles
            where rolname in ('aikatori_app', 'aikatori_market', 'aikatori_reader'))
        select rolname || ' has powers of its own' from narrow
        where rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication
            or rolinherit or rolcanlogin <> (rolname <> 'aikatori_market')
        union all
        select n.rolname || ' is a member of ' || m.roleid::regrole
        from pg_auth_members m join narrow n on n.oid = m.member
        union all
        select m.member::regrole || ' is a member of aikatori_market' from pg_auth_members m
        where m.roleid = 'aikatori_market'::regrole
          and m.member <> 'aikatori_owner'::regrole
        union all
        select n.rolname || ' owns ' || pg_describe_object(d.classid, d.objid, 0)
        from pg_shdepend d join narrow n on n.oid = d.refobjid
        where d.deptype = 'o' and d.refclassid = 'pg_authid'::regclass
          and d.dbid = (select oid from pg_database where datname = current_database())
          and not (n.rolname = 'aikatori_market' and d.classid = 'pg_proc'::regclass)
        union all
        select n.rolname || ' may create in the schema' from narrow n
        where has_schema_privilege(n.oid, 'public', 'create')
        union all
        select 'aikatori_reader may write ' || c.relname from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
          and (has_table_privilege('aikatori_reader', c.oid, 'insert, update, delete, truncate')
              or has_any_column_privilege('aikatori_reader', c.oid, 'insert, update'))
        order by 1
        """
    }

    private static let views: Query = """
        select relname || ' is a view with its owner''s rights' from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
          and not coalesce(reloptions @> '{security_invoker=true}', false)
        order by 1
        """

    private static let functions: Query = """
        with ours as (
            select p.* from pg_proc p
            where p.pronamespace = 'public'::regnamespace and not exists (
                select from pg_depend d where d.classid = 'pg_proc'::regclass
                  and d.objid = p.oid and d.deptype = 'e'))
        select oid::regprocedure || ' is executable by everybody' from ours
        where exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) a
            where a.grantee = 0)
        union all
        select oid::regprocedure || ' acts for ' || proowner::regrole from ours
        where prosecdef and proowner <> 'aikatori_market'::regrole
        union all
        select oid::regprocedure || ' is owned by ' || proowner::regrole from ours
        where not prosecdef and proowner <> 'aikatori_owner'::regrole
        union all
        select oid::regprocedure || ' has no fixed search path' from ours
        where prosecdef
          and not coalesce(proconfig @> array['search_path=public, pg_temp'], false)
        order by 1
        """
}
