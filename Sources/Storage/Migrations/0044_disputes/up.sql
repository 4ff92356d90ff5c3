-- Lines of a statement that the buyer disputes, one by one, and what becomes of them: charged as
-- they stand, corrected, or not charged. What is undisputed is accepted and invoiced meanwhile.

-- What a dispute (or a rating again) leads to is a charge in the place of another. The old one
-- stays as it was sealed; the one that no other replaces is the one that stands.
alter table charge add column replaces uuid unique references charge (id);
alter table charge drop constraint charge_booking_key, drop constraint charge_block_key;
create unique index charge_of_booking on charge (booking) where replaces is null;
create unique index charge_of_block on charge (block) where replaces is null;
create index charge_of_visit on charge (booking);

create table dispute (
    id uuid primary key,
    statement uuid not null,
    -- a line is disputed once
    charge uuid not null unique,
    contract uuid not null,
    seller uuid not null,
    buyer uuid not null,
    reason text not null check (reason in ('rate', 'volume')),
    -- cents without VAT: what was charged, what the buyer says it should be, what the seller offers
    charged bigint not null,
    claimed bigint not null check (claimed < charged and (charged <= 0 or claimed >= 0)),
    claimed_minutes int check ((claimed_minutes is not null) = (reason = 'volume')
        and claimed_minutes >= 0),
    proposed bigint check (proposed > claimed and proposed < charged),
    proposed_minutes int check (proposed_minutes >= 0),
    state text not null default 'claimed'
        check (state in ('claimed', 'explained', 'proposed', 'settled')),
    outcome text check (outcome in ('charged', 'corrected', 'not_charged')),
    agreed bigint,
    -- the charge in the place of the disputed one
    correction uuid unique references charge (id) deferrable initially deferred,
    opened_at timestamptz not null default market_now(),
    -- whoever's turn it is answers until then
    answer_by timestamptz not null,
    escalated_at timestamptz,
    settled_at timestamptz,
    revision bigint not null default 1,
    unique (id, seller, buyer),
    foreign key (statement, charge) references statement_line (statement, charge),
    foreign key (contract, seller, buyer) references contract (id, seller, buyer),
    check (state <> 'proposed' or proposed is not null),
    check ((state = 'settled') = (outcome is not null)),
    check ((state = 'settled') = (agreed is not null)),
    check ((state = 'settled') = (settled_at is not null)),
    check (((outcome in ('corrected', 'not_charged')) is true) = (correction is not null)),
    check (case outcome when 'charged' then agreed = charged
        when 'not_charged' then agreed = 0 and charged > 0
        when 'corrected' then agreed >= claimed and agreed < charged
            and (agreed <> 0 or charged <= 0) end)
);
create index dispute_of_statement on dispute (statement);
create index dispute_of_seller on dispute (seller, id);
create index dispute_of_buyer on dispute (buyer, id);
call protect('dispute', 'seller', 'buyer');
grant select, insert on dispute to aikatori_app;
grant update (proposed, proposed_minutes, state, outcome, agreed, correction, answer_by,
    escalated_at, settled_at, revision) on dispute to aikatori_app;
grant select on dispute, statement, statement_line to aikatori_market;

-- What each side said, in its order: never changed.
create table dispute_word (
    dispute uuid not null,
    number int not null check (number > 0),
    seller uuid not null,
    buyer uuid not null,
    side text not null check (side in ('seller', 'buyer')),
    act text not null check (act in ('open', 'concede', 'explain', 'propose', 'accept', 'hold',
        'withdraw') and (act in ('concede', 'explain', 'propose')) = (side = 'seller')),
    words text check (length(words) between 1 and 2000),
    -- texts and addresses that show it
    evidence text[] not null check (cardinality(evidence) <= 10),
    net bigint,
    minutes int check (minutes >= 0),
    member uuid,
    said_at timestamptz not null default market_now(),
    primary key (dispute, number),
    foreign key (dispute, seller, buyer) references dispute (id, seller, buyer)
);
call protect('dispute_word', 'seller', 'buyer');
call append_only('dispute_word');
grant select, insert on dispute_word to aikatori_app;

create function dispute_word_rules() returns trigger
    language plpgsql
as $$
begin
    if current_organisation() is distinct from
        (case new.side when 'seller' then new.seller else new.buyer end)
    then
        perform refuse('403', 'not_your_side');
    end if;
    return new;
end $$;
create trigger rules before insert on dispute_word
    for each row execute function dispute_word_rules();

-- The legal moves (Sources/Billing/DisputeLife.swift, compared by a test): whose turn it is, and
-- what may follow. Past its time an answer of the seller's needs no turn any more.
create function dispute_rules() returns trigger
    language plpgsql
as $$
declare
    caller uuid := current_organisation();
    side text := case when caller = new.seller then 'seller' when caller = new.buyer
        then 'buyer' end;
    legal boolean;
begin
    if tg_op = 'INSERT' then
        if side is distinct from 'buyer' then
            perform refuse('403', 'not_your_side');
        end if;
        -- against an acceptance at the same time
        perform from statement s where s.id = new.statement for share;
        if not exists (select from statement s join charge c on c.id = new.charge
            where s.id = new.statement and s.state = 'open' and c.net = new.charged
              and (s.contract, s.seller, s.buyer) = (new.contract, new.seller, new.buyer)
              and not exists (select from charge r where r.replaces = c.id))
        then
            perform refuse('409', 'statement_settled');
        end if;
        if new.state <> 'claimed' or new.escalated_at is not null then
            perform refuse('500', 'dispute_move_illegal');
        end if;
        return new;
    end if;
    if old.state = 'settled' then
        perform refuse('409', 'dispute_settled');
    end if;
    if (new.id, new.statement, new.charge, new.contract, new.seller, new.buyer, new.reason,
            new.charged, new.claimed, new.claimed_minutes, new.opened_at)
        is distinct from (old.id, old.statement, old.charge, old.contract, old.seller, old.buyer,
            old.reason, old.charged, old.claimed, old.claimed_minutes, old.opened_at)
        or old.escalated_at is not null and new.escalated_at is distinct from old.escalated_at
    then
        perform refuse('500', 'dispute_changed');
    end if;
    if new.escalated_at is distinct from old.escalated_at then
        -- the clock's doing, and nothing else with it
        legal := new.state = old.state and old.answer_by <= market_now();
    elsif side = 'seller' then
        legal := case new.state
            when 'explained' then old.state = 'claimed'
            when 'proposed' then old.state = 'claimed' or old.escalated_at is not null
            when 'settled' then new.outcome <> 'charged' and new.agreed = old.claimed end;
    elsif side = 'buyer' then
        legal := case new.state
            when 'claimed' then old.state in ('explained', 'proposed')
            when 'settled' then new.outcome = 'charged'
                or old.state = 'proposed' and new.agreed = old.proposed end;
    end if;
    if new.proposed is distinct from old.proposed and (side, new.state)
        is distinct from ('seller', 'proposed')
    then
        legal := false;
    end if;
    if legal is not true then
        perform refuse('409', 'not_your_turn');
    end if;
    return new;
end $$;
create trigger rules before insert or update on dispute
    for each row execute function dispute_rules();
create trigger stays before delete on dispute for each row execute function refuse_change();
create trigger stays_whole before truncate on dispute
    for each statement execute function refuse_change();

-- A charge that replaces another is about the same, and has its cause.
create function charge_replaces() returns trigger
    language plpgsql
as $$
declare
    was charge;
begin
    select * into was from charge c where c.id = new.replaces;
    if (new.booking, new.block, new.seller, new.buyer, new.contract, new.service, new.cause,
            new.period, new.served_on, new.billable_seconds)
        is distinct from (was.booking, was.block, was.seller, was.buyer, was.contract, was.service,
            was.cause, was.period, was.served_on, was.billable_seconds)
    then
        perform refuse('500', 'replaces_another_charge');
    end if;
    if new.version is distinct from was.version or not exists (select from dispute d
        where d.charge = was.id and d.state = 'settled' and d.correction = new.id
          and d.agreed = new.net)
    then
        perform refuse('409', 'replaced_without_cause');
    end if;
    return new;
end $$;
create trigger replaces_rightly before insert on charge
    for each row when (new.replaces is not null) execute function charge_replaces();
drop trigger has_cause on charge;
create trigger has_cause before insert on charge
    for each row when (new.booking is not null and new.replaces is null)
    execute function charge_has_cause();
drop trigger of_block on charge;
create trigger of_block before insert on charge
    for each row when (new.block is not null and new.replaces is null)
    execute function charge_of_block();

-- What is charged is used of the budget of its period; what it replaces, no longer.
create or replace function charge_uses_budget() returns trigger
    language plpgsql
as $$
begin
    -- what the seller owes makes no room in it
    update budget_counter set used = used + greatest(new.net, 0) - greatest(coalesce(
        (select c.net from charge c where c.id = new.replaces), 0), 0)
        where contract = new.contract and period = new.period;
    return null;
end $$;
call give_to_market('charge_uses_budget()');

-- When the transaction commits: a charge that is replaced before its invoice has its accrual
-- reversed, so that only the one that stands is in the books.
create function replaced_is_reversed() returns trigger
    language plpgsql
as $$
begin
    if exists (select from charge c where c.id = new.replaces and c.net <> 0)
        and not exists (select from invoice_line l where l.charge = new.replaces)
        and not exists (select from entry r join entry e on e.id = identified('entry', r.subject)
            where r.kind = 'reversal' and r.xid = pg_current_xact_id()
              and e.kind in ('accrual', 'compensation')
              and identified('charge', e.subject) = new.replaces)
    then
        perform refuse('500', 'replaced_and_not_reversed');
    end if;
    return null;
end $$;
create constraint trigger reversed after insert on charge
    deferrable initially deferred for each row when (new.replaces is not null)
    execute function replaced_is_reversed();

-- Invariant 13: an invoice line is of a line that nobody disputes any more, or of the correction
-- that a dispute came to; and of a charge that stands.
create or replace function invoice_line_in_time() returns trigger
    language plpgsql
as $$
declare
    of_statement uuid;
begin
    select i.statement into of_statement from invoice i
        where i.id = new.invoice and i.xid = pg_current_xact_id()
          and (i.seller, i.buyer) = (new.seller, new.buyer);
    if not exists (select from statement_line l
            where l.statement = of_statement and l.charge = new.charge)
        and not exists (select from dispute d
            where d.statement = of_statement and d.correction = new.charge)
    then
        perform refuse('500', 'invoice_closed');
    end if;
    if exists (select from dispute d
            where d.charge = new.charge and d.outcome is distinct from 'charged')
        or exists (select from charge r where r.replaces = new.charge)
    then
        perform refuse('409', 'line_disputed');
    end if;
    return new;
end $$;

-- The charges of a statement that may be on an invoice.
create view billable_charge with (security_invoker = true) as
    select l.statement, coalesce(d.correction, l.charge) as charge
    from statement_line l left join dispute d on d.charge = l.charge
    where (d.id is null or d.state = 'settled')
      and not exists (select from charge r
        where r.replaces = coalesce(d.correction, l.charge));
grant select on billable_charge to aikatori_app, aikatori_reader;

-- A line that is settled later goes into a later run of the same statement.
do $$
declare
    once text;
begin
    select conname into strict once from pg_constraint
        where conrelid = 'invoice'::regclass and contype = 'u'
          and pg_get_constraintdef(oid) like '%NULLS NOT DISTINCT%';
    execute format('alter table invoice drop constraint %I', once);
end $$;
alter table invoice add column run int not null default 1 check (run > 0);
alter table invoice add unique nulls not distinct
    (statement, run, vat_category, vat_rate, vat_exemption_code, vat_exemption_reason);

grant execute on function dispute_word_rules(), dispute_rules(), charge_replaces(),
    replaced_is_reversed() to aikatori_app, aikatori_market;
-- `verify` finds the entries of charges that are replaced
grant execute on function identified(text, text) to aikatori_reader;
-- it reads the entries of both books
call give_to_market('replaced_is_reversed()');

insert into alert_kind (kind, roles, mails, urgent) values
    ('dispute_waits', array['finance'], true, false),
    ('dispute_escalated', array['finance', 'admin'], true, false),
    ('dispute_settled', array['finance'], false, false);
insert into alert_rule (event_kind, alert_kind, whom) values
    ('dispute.opened', 'dispute_waits', 'other'),
    ('dispute.explained', 'dispute_waits', 'other'),
    ('dispute.proposed', 'dispute_waits', 'other'),
    ('dispute.held', 'dispute_waits', 'other'),
    ('dispute.escalated', 'dispute_escalated', 'both'),
    ('dispute.settled', 'dispute_settled', 'other');

insert into operation_role (operation, roles) values
    ('listDisputes', array['finance', 'admin', 'auditor']),
    ('disputeLine', array['finance']),
    ('getDispute', array['finance', 'admin', 'auditor']),
    ('answerDispute', array['finance']);
