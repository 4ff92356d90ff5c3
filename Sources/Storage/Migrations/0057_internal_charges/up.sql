-- Units of one legal person trade with each other, too: each is an organisation of the market, with
-- its book and its people. What one owes the other is settled in both books without an invoice, by
-- a list of charges for cost accounting.

alter table organisation drop constraint organisation_business_id_key;
alter table organisation add unique (business_id, name);

insert into chart_account (code, normal_side, mirror) values
    ('internal_settlement', 'debit', null);
insert into entry_rule (kind, party, account, side) values
    ('internal_charge', 'seller', 'internal_settlement', 'debit'),
    ('internal_charge', 'seller', 'unbilled_receivable', 'credit'),
    ('internal_charge', 'buyer', 'unbilled_payable', 'debit'),
    ('internal_charge', 'buyer', 'internal_settlement', 'credit');

create table internal_charge (
    id uuid primary key,
    statement uuid not null references statement (id),
    run int not null check (run > 0),
    seller uuid not null,
    buyer uuid not null,
    contract uuid not null,
    -- of its newest charge
    version int not null,
    settled_on date not null,
    -- without VAT, which is outside of it
    total bigint not null check (total > 0),
    -- its TypeID, the subject of its entry in the ledger
    subject text not null unique,
    xid xid8 not null default pg_current_xact_id(),
    recorded_at timestamptz not null default market_now(),
    unique (statement, run),
    foreign key (contract, seller, buyer) references contract (id, seller, buyer),
    foreign key (contract, version) references contract_version (contract, number)
);
call protect('internal_charge', 'seller', 'buyer');
call append_only('internal_charge');
grant select, insert on internal_charge to aikatori_app;
grant select on internal_charge to aikatori_market;

create table internal_charge_line (
    -- a charge is settled once
    charge uuid primary key references charge (id),
    internal_charge uuid not null references internal_charge (id),
    seller uuid not null,
    buyer uuid not null
);
create index internal_charge_line_of on internal_charge_line (internal_charge);
call protect('internal_charge_line', 'seller', 'buyer');
call append_only('internal_charge_line');
grant select, insert on internal_charge_line to aikatori_app;
grant select on internal_charge_line to aikatori_market;

-- The seller's, of an accepted statement (invariant 13), where the contract says so.
create function internal_charge_rules() returns trigger
    language plpgsql
as $$
begin
    if current_organisation() is distinct from new.seller then
        perform refuse('403', 'not_your_side');
    end if;
    if not exists (select from statement s where s.id = new.statement and s.state = 'accepted'
        and (s.contract, s.seller, s.buyer) = (new.contract, new.seller, new.buyer))
    then
        perform refuse('409', 'statement_not_accepted');
    end if;
    if not exists (select from contract_version v
        where (v.contract, v.number) = (new.contract, new.version)
          and convert_from(v.document, 'UTF8')::jsonb #>> '{billing,document}' = 'internal')
    then
        perform refuse('409', 'not_internal');
    end if;
    return new;
end $$;
create trigger rules before insert on internal_charge
    for each row execute function internal_charge_rules();

-- Lines come with it: charges of its statement that stand, and of which nothing is settled.
create function internal_charge_line_in_time() returns trigger
    language plpgsql
as $$
begin
    if not exists (select from internal_charge i
        join uninvoiced_charge u on u.statement = i.statement and u.charge = new.charge
        where i.id = new.internal_charge and i.xid = pg_current_xact_id()
          and (i.seller, i.buyer) = (new.seller, new.buyer))
    then
        perform refuse('500', 'internal_charge_closed');
    end if;
    return new;
end $$;
create trigger in_time before insert on internal_charge_line
    for each row execute function internal_charge_line_in_time();

-- Its lines are its total, and it is posted in both books, when the transaction commits.
create function internal_charge_whole() returns trigger
    language plpgsql
as $$
begin
    if (select sum(c.net) from internal_charge_line l join charge c on c.id = l.charge
        where l.internal_charge = new.id) is distinct from new.total
    then
        perform refuse('500', 'internal_charge_does_not_add_up');
    end if;
    if (select sum(p.amount) from entry e join posting p on p.entry = e.id
        where e.kind = 'internal_charge' and e.seller = new.seller and e.subject = new.subject
          and (p.book, p.code, p.side) in ((new.seller, 'unbilled_receivable', 'credit'),
            (new.buyer, 'unbilled_payable', 'debit')))
        is distinct from 2 * new.total
    then
        perform refuse('500', 'internal_charge_not_posted');
    end if;
    return null;
end $$;
create constraint trigger whole after insert on internal_charge
    deferrable initially deferred for each row execute function internal_charge_whole();

create function internal_charge_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return exists (select from internal_charge i
        where i.subject = e.subject and i.id = identified('internalcharge', e.subject)
          and (i.seller, i.buyer) = (e.seller, e.buyer)
          and i.total = debited(e, 'internal_settlement')
          and -i.total = debited(e, 'unbilled_receivable'));
end $$;

-- What is settled stays: no other charge comes into its place.
create function settled_is_not_replaced() returns trigger
    language plpgsql
as $$
begin
    if exists (select from internal_charge_line l where l.charge = new.replaces) then
        perform refuse('409', 'settled_internally');
    end if;
    return new;
end $$;
create trigger not_settled before insert on charge
    for each row when (new.replaces is not null) execute function settled_is_not_replaced();

-- What is settled so is to be invoiced no more.
create or replace view billed_charge with (security_invoker = true) as
    select charge from invoice_line
    union all
    select charge from internal_charge_line;

grant execute on function internal_charge_rules(), internal_charge_line_in_time(),
    internal_charge_whole(), settled_is_not_replaced()
    to aikatori_app, aikatori_market;
grant execute on function internal_charge_has_cause(entry) to aikatori_market;
-- it sums the postings of both books
call give_to_market('internal_charge_whole()');

insert into operation_role (operation, roles) values
    ('settleInternally', array['finance']),
    ('getInternalCharge', array['finance', 'admin', 'auditor']),
    ('getInternalChargeTable', array['finance', 'admin', 'auditor']);
