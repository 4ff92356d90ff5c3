-- Charges, statements, invoices, bank entries and what they settle.

-- A visit, a late cancellation, or what stayed unused of a block, rated once under the version
-- frozen on it, and sealed: `document` is the canonical record with its trace, `digest` its
-- SHA-256.
create table charge (
    id uuid primary key,
    booking uuid unique,
    block uuid unique check (num_nonnulls(booking, block) = 1),
    seller uuid not null,
    buyer uuid not null,
    contract uuid not null,
    version int not null,
    service text not null,
    cause text not null check (cause in (
        'visit', 'no_show', 'late_cancellation', 'seller_cancellation', 'seller_no_show',
        'unused_block') and (cause = 'unused_block') = (block is not null)),
    period text not null,
    served_on date not null,
    billable_seconds bigint not null check (billable_seconds >= 0),
    -- the time of the visit after steps and minimum, which counts for tiers
    billed_seconds bigint not null check (billed_seconds >= 0),
    -- the billed seconds of the service in the period before this charge, sealed for tiers
    seconds_before bigint not null check (seconds_before >= 0),
    -- what the seller owes is negative
    net bigint not null check (case when cause like 'seller%' then net <= 0 else net >= 0 end),
    document bytea not null,
    digest bytea not null check (digest = sha256(document)),
    xid xid8 not null default pg_current_xact_id(),
    recorded_at timestamptz not null default market_now(),
    foreign key (booking, seller, buyer) references booking (id, seller, buyer),
    foreign key (contract, version) references contract_version (contract, number)
);
create index charge_of_period on charge (contract, period, id);
create index charge_of_seller on charge (seller, id);
create index charge_of_buyer on charge (buyer, id);
call protect('charge', 'seller', 'buyer');
call append_only('charge');
grant select, insert on charge to aikatori_app;

create table charge_line (
    charge uuid not null references charge (id),
    number int not null check (number > 0),
    seller uuid not null,
    buyer uuid not null,
    kind text not null,
    -- of a supplement or discount
    code text,
    text text not null,
    -- what is taken off is a negative quantity: prices never are
    quantity_hundredths bigint not null,
    unit text not null check (unit in ('MIN', 'C62')),
    price_ten_thousandths bigint not null check (price_ten_thousandths >= 0),
    base_quantity bigint not null check (base_quantity > 0),
    -- the exact amount in cents before its one rounding to `net`
    numerator numeric not null check (sign(numerator) = sign(quantity_hundredths)
        or numerator = 0),
    denominator numeric not null check (denominator > 0),
    rounding text not null check (rounding in ('half_up', 'half_even')),
    net bigint not null check (net = in_cents(numerator, denominator, rounding)),
    primary key (charge, number)
);
call protect('charge_line', 'seller', 'buyer');
call append_only('charge_line');
grant select, insert on charge_line to aikatori_app;

-- Lines come with their charge: what is sealed gets no further ones.
create function charge_line_in_time() returns trigger
    language plpgsql
as $$
begin
    if not exists (select from charge c
        where c.id = new.charge and c.xid = pg_current_xact_id()
          and (c.seller, c.buyer) = (new.seller, new.buyer))
    then
        perform refuse('500', 'charge_closed');
    end if;
    return new;
end $$;
create trigger in_time before insert on charge_line
    for each row execute function charge_line_in_time();

-- Invariant 13: nothing is charged that both sides have not attested alike.
create function charge_has_cause() returns trigger
    language plpgsql
as $$
declare
    b booking;
begin
    select * into strict b from booking where id = new.booking;
    if (b.contract, b.version, b.service, b.period)
        is distinct from (new.contract, new.version, new.service, new.period)
    then
        perform refuse('500', 'charge_of_another_booking');
    end if;
    if new.cause in ('late_cancellation', 'seller_cancellation') then
        if b.state <> 'cancelled' or b.cancellation_fee <> abs(new.net)
            or b.cancelled_by is distinct from
                (case new.cause when 'late_cancellation' then b.buyer else b.seller end)
        then
            perform refuse('409', 'not_cancelled_at_this_fee');
        end if;
    elsif b.state not in ('booked', 'closed') or not exists (
        select from attested_by_both(b.id) a where a.billable_seconds = new.billable_seconds)
    then
        perform refuse('409', 'not_attested_by_both');
    elsif b.group_session is not null then
        perform charge_of_place(new);
    end if;
    return new;
end $$;
create trigger has_cause before insert on charge
    for each row when (new.booking is not null) execute function charge_has_cause();

create function charge_adds_up() returns trigger
    language plpgsql
as $$
begin
    if (select coalesce(sum(l.net), 0) from charge_line l where l.charge = new.id) <> new.net
    then
        perform refuse('500', 'charge_does_not_add_up');
    end if;
    return null;
end $$;
create constraint trigger adds_up after insert on charge
    deferrable initially deferred for each row execute function charge_adds_up();

-- What is charged is used of the budget of its period.
create function charge_uses_budget() returns trigger
    language plpgsql
as $$
begin
    -- what the seller owes makes no room in it
    update budget_counter set used = used + greatest(new.net, 0)
        where contract = new.contract and period = new.period;
    return null;
end $$;
create trigger uses_budget after insert on charge
    for each row execute function charge_uses_budget();

create table statement (
    id uuid primary key,
    contract uuid not null,
    period text not null,
    run int not null check (run > 0),
    seller uuid not null,
    buyer uuid not null,
    state text not null default 'open' check (state in ('open', 'accepted')),
    total bigint not null check (total >= 0),
    accepted_at timestamptz check ((accepted_at is not null) = (state = 'accepted')),
    revision bigint not null default 1,
    xid xid8 not null default pg_current_xact_id(),
    created_at timestamptz not null default market_now(),
    unique (contract, period, run),
    foreign key (contract, seller, buyer) references contract (id, seller, buyer)
);
create index statement_of_seller on statement (seller, id);
create index statement_of_buyer on statement (buyer, id);
call protect('statement', 'seller', 'buyer');
grant select, insert on statement to aikatori_app;
grant update (state, accepted_at, revision) on statement to aikatori_app;

create table statement_line (
    statement uuid not null references statement (id),
    charge uuid not null unique references charge (id),
    seller uuid not null,
    buyer uuid not null,
    primary key (statement, charge)
);
call protect('statement_line', 'seller', 'buyer');
call append_only('statement_line');
grant select, insert on statement_line to aikatori_app;

-- A statement is made by its seller, and accepted by its buyer, once.
create function statement_rules() returns trigger
    language plpgsql
as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'open' or current_organisation() is distinct from new.seller then
            perform refuse('403', 'not_your_side');
        end if;
        return new;
    end if;
    if (new.id, new.contract, new.period, new.run, new.seller, new.buyer, new.total, new.xid)
        is distinct from
        (old.id, old.contract, old.period, old.run, old.seller, old.buyer, old.total, old.xid)
        or old.state = 'accepted'
    then
        perform refuse('409', 'statement_settled');
    end if;
    if new.state = 'accepted' and current_organisation() is distinct from new.buyer then
        perform refuse('403', 'not_your_side');
    end if;
    return new;
end $$;
create trigger rules before insert or update on statement
    for each row execute function statement_rules();
create trigger stays before delete on statement
    for each row execute function refuse_change();
create trigger stays_whole before truncate on statement
    for each statement execute function refuse_change();

-- Lines come with their statement: charges of its contract, of its period or an earlier one.
create function statement_line_in_time() returns trigger
    language plpgsql
as $$
begin
    if not exists (select from statement s
        join charge c on c.id = new.charge and c.contract = s.contract and c.period <= s.period
        where s.id = new.statement and s.xid = pg_current_xact_id()
          and (s.seller, s.buyer) = (new.seller, new.buyer))
    then
        perform refuse('500', 'statement_closed');
    end if;
    return new;
end $$;
create trigger in_time before insert on statement_line
    for each row execute function statement_line_in_time();

create function statement_adds_up() returns trigger
    language plpgsql
as $$
begin
    if (select sum(c.net) from statement_line l join charge c on c.id = l.charge
        where l.statement = new.id) is distinct from new.total
    then
        perform refuse('500', 'statement_does_not_add_up');
    end if;
    return null;
end $$;
create constraint trigger adds_up after insert on statement
    deferrable initially deferred for each row execute function statement_adds_up();

-- Gap-free numbers from one in each year: the row is locked in the issuing transaction
-- (invariant 23).
create table invoice_counter (
    issuer uuid not null references organisation (id),
    year int not null check (year between 1000 and 9999),
    last bigint not null default 0 check (last >= 0),
    primary key (issuer, year)
);
call protect('invoice_counter', 'issuer');
grant select, insert on invoice_counter to aikatori_app;
grant update (last) on invoice_counter to aikatori_app;

create table invoice (
    id uuid primary key,
    year int not null,
    issuer_number bigint not null check (issuer_number > 0),
    number text not null,
    seller uuid not null,
    seller_name text not null,
    buyer uuid not null,
    buyer_name text not null,
    contract uuid not null,
    -- whose parties and payment terms it has
    version int not null,
    statement uuid not null references statement (id),
    period text not null,
    issued_on date not null check (extract(year from issued_on) = year),
    due_on date not null check (due_on >= issued_on),
    buyer_reference text not null,
    order_reference text,
    iban text not null,
    vat_category text not null check (vat_category in ('S', 'E', 'Z')),
    -- hundredths of a percent
    vat_rate int not null check (vat_rate between 0 and 10000),
    vat_exemption_code text,
    vat_exemption_reason text,
    net bigint not null check (net >= 0),
    -- half up, once, on the sum of the lines
    vat bigint not null check (vat = div(net * vat_rate::numeric + 5000, 10000)),
    total bigint not null check (total > 0 and total = net + vat),
    reference text not null,
    -- its TypeID, the subject of its entry in the ledger
    subject text not null unique,
    -- the UBL invoice as it was sent
    document bytea not null,
    xid xid8 not null default pg_current_xact_id(),
    created_at timestamptz not null default market_now(),
    unique (seller, year, issuer_number),
    unique (seller, number),
    unique (seller, reference),
    -- one invoice of a statement for each treatment of VAT (EN 16931, BR-E-01)
    unique nulls not distinct
        (statement, vat_category, vat_rate, vat_exemption_code, vat_exemption_reason),
    foreign key (contract, seller, buyer) references contract (id, seller, buyer),
    foreign key (contract, version) references contract_version (contract, number)
);
create index invoice_of_buyer on invoice (buyer, id);
create index invoice_of_seller on invoice (seller, id);
call protect('invoice', 'seller', 'buyer');
call append_only('invoice');
grant select, insert on invoice to aikatori_app;

-- An invoice is issued by its seller, of an accepted statement (invariant 13).
create function invoice_rules() returns trigger
    language plpgsql
as $$
begin
    if current_organisation() is distinct from new.seller then
        perform refuse('403', 'not_your_side');
    end if;
    if not exists (select from statement s where s.id = new.statement and s.state = 'accepted'
        and (s.contract, s.seller, s.buyer, s.period)
            = (new.contract, new.seller, new.buyer, new.period))
    then
        perform refuse('409', 'statement_not_accepted');
    end if;
    return new;
end $$;
create trigger rules before insert on invoice
    for each row execute function invoice_rules();

create table invoice_line (
    invoice uuid not null references invoice (id),
    number int not null check (number > 0),
    seller uuid not null,
    buyer uuid not null,
    charge uuid not null,
    charge_line int not null,
    text text not null,
    net bigint not null,
    primary key (invoice, number),
    -- invariant 21: a charge is on at most one invoice
    unique (charge, charge_line),
    foreign key (charge, charge_line) references charge_line (charge, number)
);
call protect('invoice_line', 'seller', 'buyer');
call append_only('invoice_line');
grant select, insert on invoice_line to aikatori_app;

-- Invariant 22: lines come with their invoice, for charges of its statement.
create function invoice_line_in_time() returns trigger
    language plpgsql
as $$
begin
    if not exists (select from invoice i
        join statement_line l on l.statement = i.statement and l.charge = new.charge
        where i.id = new.invoice and i.xid = pg_current_xact_id()
          and (i.seller, i.buyer) = (new.seller, new.buyer))
    then
        perform refuse('500', 'invoice_closed');
    end if;
    return new;
end $$;
create trigger in_time before insert on invoice_line
    for each row execute function invoice_line_in_time();

-- Invariants 20 and 23, when the issuing transaction commits.
create function invoice_whole() returns trigger
    language plpgsql
as $$
declare
    claimed bigint;
begin
    if (select coalesce(sum(l.net), 0) from invoice_line l where l.invoice = new.id) <> new.net
    then
        perform refuse('500', 'invoice_does_not_add_up');
    end if;
    select sum(p.amount) into claimed from entry e join posting p on p.entry = e.id
        where e.kind = 'invoicing' and e.seller = new.seller and e.subject = new.subject
          and (p.book, p.code, p.side) in (
            (new.seller, 'receivable', 'debit'), (new.buyer, 'payable', 'credit'));
    if claimed is distinct from 2 * new.total then
        perform refuse('500', 'invoice_not_posted');
    end if;
    -- invoices stay, so that one before each is none missing
    if new.issuer_number > 1 and not exists (select from invoice i
        where i.seller = new.seller and i.year = new.year
          and i.issuer_number = new.issuer_number - 1)
    then
        perform refuse('500', 'invoice_number_gap');
    end if;
    return null;
end $$;
create constraint trigger whole after insert on invoice
    deferrable initially deferred for each row execute function invoice_whole();

grant execute on function charge_has_cause(), charge_line_in_time(), charge_adds_up(),
    charge_uses_budget(),
    statement_rules(), statement_line_in_time(), statement_adds_up(), invoice_rules(),
    invoice_line_in_time(), invoice_whole()
    to aikatori_app, aikatori_market;
call give_to_market('charge_uses_budget()');
-- it sums the postings of both books
call give_to_market('invoice_whole()');
grant select on invoice, invoice_line to aikatori_market;
