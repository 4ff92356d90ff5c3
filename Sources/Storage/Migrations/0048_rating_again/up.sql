-- A month is priced again by a version that both signed after its visits: a wrong price that was
-- found too late. What is on no invoice is replaced; what is on one is credited in full, and
-- charged anew.

create table rating_again (
    id uuid primary key,
    contract uuid not null,
    period text not null check (period ~ '^\d{4}-\d{2}$'),
    seller uuid not null,
    buyer uuid not null,
    -- cents without VAT: what the charges came to that it replaced, and what stands in their place
    net_before bigint not null,
    net_after bigint not null,
    xid xid8 not null default pg_current_xact_id(),
    rated_at timestamptz not null default market_now(),
    unique (id, seller, buyer),
    foreign key (contract, seller, buyer) references contract (id, seller, buyer)
);
create index rating_again_of_contract on rating_again (contract, period, id);
call protect('rating_again', 'seller', 'buyer');
call append_only('rating_again');
grant select, insert on rating_again to aikatori_app;
grant select on rating_again to aikatori_market;

-- One charge in the place of another.
create table rating_again_line (
    rating uuid not null,
    replaced uuid not null unique references charge (id),
    charge uuid primary key references charge (id) deferrable initially deferred,
    seller uuid not null,
    buyer uuid not null,
    foreign key (rating, seller, buyer) references rating_again (id, seller, buyer)
);
create index rating_again_line_of_rating on rating_again_line (rating);
call protect('rating_again_line', 'seller', 'buyer');
call append_only('rating_again_line');
grant select, insert on rating_again_line to aikatori_app;
grant select on rating_again_line to aikatori_market;

-- The seller's to do; both have signed what it is done by.
create function rating_again_rules() returns trigger
    language plpgsql
as $$
begin
    if current_organisation() is distinct from new.seller then
        perform refuse('403', 'not_your_side');
    end if;
    return new;
end $$;
create trigger rules before insert on rating_again
    for each row execute function rating_again_rules();

-- Lines come with their rating: charges of its contract and month, of which no dispute is open, and
-- none was settled at the figure that they have.
create function rating_again_line_in_time() returns trigger
    language plpgsql
as $$
begin
    if not exists (select from rating_again r
        join charge c on c.id = new.replaced and c.contract = r.contract and c.period = r.period
        where r.id = new.rating and r.xid = pg_current_xact_id()
          and (r.seller, r.buyer) = (new.seller, new.buyer))
    then
        perform refuse('500', 'rating_again_closed');
    end if;
    if exists (select from dispute d where d.charge = new.replaced and d.state <> 'settled'
        or d.correction = new.replaced)
    then
        perform refuse('409', 'line_disputed');
    end if;
    return new;
end $$;
create trigger in_time before insert on rating_again_line
    for each row execute function rating_again_line_in_time();

-- When the transaction commits: each line is a charge in the place of another, and together they
-- come to what the seller saw.
create function rating_again_adds_up() returns trigger
    language plpgsql
as $$
declare
    sums record;
begin
    select count(*) as lines, count(n.id) as placed, coalesce(sum(w.net), 0) as net_before,
            coalesce(sum(n.net), 0) as net_after into sums
        from rating_again_line l join charge w on w.id = l.replaced
            left join charge n on n.id = l.charge and n.replaces = l.replaced
        where l.rating = new.id;
    if sums.lines = 0 or sums.placed <> sums.lines or sums.net_before <> new.net_before
        or sums.net_after <> new.net_after
    then
        perform refuse('500', 'rating_again_does_not_add_up');
    end if;
    return null;
end $$;
create constraint trigger adds_up after insert on rating_again
    deferrable initially deferred for each row execute function rating_again_adds_up();

grant execute on function rating_again_rules(), rating_again_line_in_time(),
    rating_again_adds_up() to aikatori_app, aikatori_market;

-- A charge that replaces another is about the same, and has its cause: what a dispute came to, by
-- the same version; or a version with days that hold the visit's, which both signed after it began.
-- What was signed before a visit never prices it again: its booking froze the price.
create or replace function charge_replaces() returns trigger
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
    if exists (select from rating_again_line l
        where l.charge = new.id and l.replaced = was.id)
    then
        if new.net = was.net or new.cause not in ('visit', 'no_show', 'late_cancellation')
            or not exists (select from contract_version v join booking b on b.id = new.booking
                where v.contract = new.contract and v.number = new.version
                  and v.number <> was.version and v.effective @> lower(b.planned)
                  and v.signed_at > lower(b.planned))
        then
            perform refuse('500', 'rated_by_another_version');
        end if;
        return new;
    end if;
    if new.version is distinct from was.version or not exists (select from dispute d
        where d.charge = was.id and d.state = 'settled' and d.correction = new.id
          and d.agreed = new.net)
    then
        perform refuse('409', 'replaced_without_cause');
    end if;
    return new;
end $$;

-- When the transaction commits: of a charge that is replaced only the one in its place is in the
-- books. Before its invoice its accrual is reversed; after it, each of its lines is credited whole.
create or replace function replaced_is_reversed() returns trigger
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
    if exists (select from invoice_line l where l.charge = new.replaces
        and l.net <> (select coalesce(sum(n.net), 0) from credit_note_line n
            where (n.invoice, n.invoice_line) = (l.invoice, l.number)))
    then
        perform refuse('500', 'replaced_and_not_credited');
    end if;
    return null;
end $$;
call give_to_market('replaced_is_reversed()');

insert into alert_kind (kind, roles, mails, urgent) values
    ('rated_again', array['finance'], true, false);
insert into alert_rule (event_kind, alert_kind, whom) values
    ('rating_again.made', 'rated_again', 'other');

insert into operation_role (operation, roles) values
    ('getRatingAgain', array['finance', 'admin', 'auditor']),
    ('rateAgain', array['finance']),
    ('listToDo', array['scheduler', 'finance', 'signatory']);
