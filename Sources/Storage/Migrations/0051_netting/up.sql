-- Netting: what organisations owe one another in a circle is set off at once, by the consent of
-- each of them, and what remains is one net figure for each.

insert into chart_account (code, normal_side, mirror) values
    ('clearing_receivable', 'debit', 'clearing_payable'),
    ('clearing_payable', 'credit', 'clearing_receivable'),
    ('clearing', 'debit', null);
insert into entry_rule (kind, party, account, side) values
    ('set_off', 'seller', 'clearing', 'debit'),
    ('set_off', 'seller', 'receivable', 'credit'),
    ('set_off', 'buyer', 'payable', 'debit'),
    ('set_off', 'buyer', 'clearing', 'credit'),
    ('net_claim', 'seller', 'clearing_receivable', 'debit'),
    ('net_claim', 'seller', 'clearing', 'credit'),
    ('net_claim', 'buyer', 'clearing', 'debit'),
    ('net_claim', 'buyer', 'clearing_payable', 'credit'),
    ('net_payment', 'seller', 'bank', 'debit'),
    ('net_payment', 'seller', 'clearing_receivable', 'credit'),
    ('net_payment', 'buyer', 'clearing_payable', 'debit'),
    ('net_payment', 'buyer', 'bank', 'credit');

-- One member of a round. Nobody sees the rows of others: whom a member trades with it knows from
-- its own list, and of the rest of the circle nothing.
create table netting_member (
    round uuid not null,
    organisation uuid not null references organisation (id),
    proposer uuid not null,
    consent_by timestamptz not null,
    state text not null default 'open' check (state in ('open', 'posted', 'lapsed')),
    answer text check (answer in ('consent', 'decline')),
    -- the net figure that was consented to, of the whole list
    figure bigint,
    answered_at timestamptz,
    created_at timestamptz not null default market_now(),
    primary key (round, organisation),
    check ((answer is null) = (answered_at is null) and (answer is null) = (figure is null))
);
create index netting_member_of_organisation on netting_member (organisation, round);
call protect('netting_member', 'organisation');
grant select, update (answer, figure, answered_at) on netting_member to aikatori_app;
grant select, insert, update (state) on netting_member to aikatori_market;

-- What was open of an invoice when the round was proposed: never more of it is set off.
create table netting_claim (
    round uuid not null,
    invoice uuid not null references invoice (id),
    seller uuid not null,
    buyer uuid not null check (buyer <> seller),
    amount bigint not null check (amount > 0),
    primary key (round, invoice)
);
create index netting_claim_of_invoice on netting_claim (invoice);
call protect('netting_claim', 'seller', 'buyer');
call append_only('netting_claim');
grant select on netting_claim to aikatori_app;
grant select, insert on netting_claim to aikatori_market;

create table set_off (
    round uuid not null,
    invoice uuid not null,
    seller uuid not null,
    buyer uuid not null,
    amount bigint not null check (amount > 0),
    -- the subject of its entry in the ledger: the TypeIDs of the invoice and the round
    subject text not null unique,
    recorded_at timestamptz not null default market_now(),
    primary key (round, invoice),
    foreign key (round, invoice) references netting_claim (round, invoice)
);
create index set_off_of_invoice on set_off (invoice);
call protect('set_off', 'seller', 'buyer');
call append_only('set_off');
grant select on set_off to aikatori_app;
grant select, insert on set_off to aikatori_market;

-- What remains of a round between two of its members, with a reference of its own.
create table net_payment (
    id uuid primary key,
    round uuid not null,
    payee uuid not null,
    payee_name text not null,
    payer uuid not null check (payer <> payee),
    payer_name text not null,
    amount bigint not null check (amount > 0),
    iban text not null,
    reference text not null,
    due_on date not null,
    -- its TypeID, the subject of its entry in the ledger
    subject text not null unique,
    recorded_at timestamptz not null default market_now(),
    unique (payee, reference),
    unique (round, payee, payer)
);
create index net_payment_of_payer on net_payment (payer, round);
call protect('net_payment', 'payee', 'payer');
call append_only('net_payment');
grant select on net_payment to aikatori_app;
grant select, insert on net_payment to aikatori_market;

-- The payment of it, on the payee's account.
create table net_payment_received (
    net_payment uuid primary key references net_payment (id),
    bank_entry uuid not null unique references bank_entry (id),
    payee uuid not null,
    payer uuid not null,
    amount bigint not null,
    -- the subject of its entry: the TypeIDs of both
    subject text not null unique,
    recorded_at timestamptz not null default market_now()
);
call protect('net_payment_received', 'payee', 'payer');
call append_only('net_payment_received');
grant select, insert on net_payment_received to aikatori_app;
grant select on net_payment_received to aikatori_market;
alter table bank_entry add column net_payment uuid references net_payment (id);
alter table bank_entry drop constraint bank_entry_check1;
alter table bank_entry
    add check (fate = 'waiting' or invoice is not null or net_payment is not null);

-- An invoice is settled by money and by what is set off.
create or replace view invoice_balance with (security_invoker = true) as
    select i.id as invoice, i.total, a.settled, c.credited,
        greatest(i.total - a.settled - c.credited - w.written_off, 0) as open,
        greatest(a.settled + c.credited + w.written_off - i.total, 0) as owed_back,
        case when c.credited = i.total then 'credited'
            when a.settled + c.credited + w.written_off < i.total
                then case a.settled when 0 then 'issued' else 'partly_paid' end
            when w.written_off > 0 then 'written_off' else 'paid' end as state,
        w.written_off
    from invoice i
    cross join lateral (
        select ((select coalesce(sum(x.amount), 0) from allocation x
                where x.invoice = i.id and not exists (select from allocation_return r
                    where (r.bank_entry, r.invoice) = (x.bank_entry, x.invoice)))
            + (select coalesce(sum(s.amount), 0) from set_off s
                where s.invoice = i.id))::bigint as settled) a
    cross join lateral (
        select coalesce(sum(n.total), 0)::bigint as credited
        from credit_note n where n.invoice = i.id) c
    cross join lateral (
        select coalesce(sum(o.amount), 0)::bigint as written_off
        from write_off o where o.invoice = i.id) w;
grant select on invoice_balance to aikatori_market;

-- Whether an invoice is on its way to be paid, in a file that was approved: the bank may have it.
create function in_payment(p_invoice uuid) returns boolean
    language sql stable
as $$
    select exists (select from payment_order o join payment_file f on f.id = o.file
        where o.invoice = p_invoice and o.state in ('pending', 'accepted')
          and f.approved_by is not null and f.withdrawn_at is null)
$$;
grant select on payment_order, payment_file to aikatori_market;
call give_to_market('in_payment(uuid)', 'aikatori_app');

-- Rounds are proposed, answered and ended one after the other.
create function lock_netting() returns void
    language sql
as $$ select pg_advisory_xact_lock(hashtextextended('aikatori.netting', 0)) $$;

-- Who owes the caller, through however many others, and is owed by it: all invoices among them
-- that contracts allow to be set off, and that no open round has. With `p_with`: these two alone.
create function propose_netting(p_round uuid, p_with uuid, p_consent_by timestamptz) returns void
    language plpgsql
as $$
declare
    me uuid := current_organisation();
    member record;
begin
    if me is null then
        perform refuse('500', 'not_a_party');
    end if;
    perform lock_netting();
    if p_consent_by not between market_now() and market_now() + interval '30 days' then
        perform refuse('500', 'netting_out_of_time');
    end if;
    with recursive debts as materialized (
        select i.id, i.seller, i.buyer, b.open
        from contract_version v
            join invoice i on i.contract = v.contract and i.version = v.number
            join invoice_balance b on b.invoice = i.id
        where convert_from(v.document, 'UTF8')::jsonb #>> '{billing,netting}' = any (
                case when p_with is null then array['many'] else array['pair', 'many'] end)
          and b.open > 0 and not in_payment(i.id)
          and (p_with is null or i.seller in (me, p_with) and i.buyer in (me, p_with))
          and not exists (select from netting_claim c join netting_member m
              on (m.round, m.organisation) = (c.round, c.seller)
              where c.invoice = i.id and m.state = 'open')
    ), owing (organisation) as (
        select me union
        select d.buyer from owing o join debts d on d.seller = o.organisation
    ), owed (organisation) as (
        select me union
        select d.seller from owed o join debts d on d.buyer = o.organisation
    ), circle as (select organisation from owing intersect select organisation from owed)
    insert into netting_claim (round, invoice, seller, buyer, amount)
    select p_round, d.id, d.seller, d.buyer, d.open from debts d
    where d.seller in (select organisation from circle)
      and d.buyer in (select organisation from circle);
    if not found then
        perform refuse('409', 'nothing_to_net');
    end if;
    insert into netting_member (round, organisation, proposer, consent_by)
    select distinct p_round, x.organisation, me, p_consent_by
    from netting_claim c cross join lateral (values (c.seller), (c.buyer)) as x (organisation)
    where c.round = p_round;
    insert into deadline (due_at, kind, subject, organisation)
    values (p_consent_by, 'netting_consent', p_round, me);
    -- each is told for itself, and of nobody else
    for member in
        select m.organisation, row_number() over (order by m.organisation) as number
        from netting_member m where m.round = p_round
    loop
        perform announce('netting.proposed', 'netting_round', p_round, member.number,
            member.organisation, null);
    end loop;
    perform audit('netting_round', p_round, me, null);
end $$;

-- The net figure of one member, in what is open now of what was proposed.
create function netting_figure(p_round uuid, p_organisation uuid) returns bigint
    language sql stable
as $$
    select coalesce(sum(case p_organisation when c.seller then least(c.amount, b.open)
        else -least(c.amount, b.open) end), 0)::bigint
    from netting_claim c join invoice_balance b on b.invoice = c.invoice
    where c.round = p_round and p_organisation in (c.seller, c.buyer)
      and not in_payment(c.invoice)
$$;

-- Each answers once, in time, and consents to the figure that is now.
create function netting_answer_rules() returns trigger
    language plpgsql
as $$
begin
    if new.answer is not distinct from old.answer and new.figure is not distinct from old.figure
        and new.answered_at is not distinct from old.answered_at
    then
        return new;
    end if;
    perform lock_netting();
    if old.state <> 'open' or market_now() >= old.consent_by then
        perform refuse('409', 'deadline_passed');
    end if;
    if old.answer is not null then
        perform refuse('409', 'already_answered');
    end if;
    if new.figure is distinct from netting_figure(new.round, new.organisation) then
        perform refuse('409', 'total_differs');
    end if;
    return new;
end $$;
create trigger rules before update on netting_member
    for each row execute function netting_answer_rules();

-- Whether all have answered, or may answer no more.
create function netting_is_due(p_round uuid) returns boolean
    language sql
as $$
    select bool_and(m.state = 'open')
        and (bool_and(m.answer is not null) or market_now() >= max(m.consent_by))
    from netting_member m where m.round = p_round
$$;

-- What is open among those who consent, for one of the members; payments of these invoices wait.
create function netting_claims(p_round uuid) returns table (
    invoice uuid, seller uuid, seller_name text, iban text, buyer uuid, buyer_name text,
    amount bigint)
    language plpgsql
as $$
begin
    perform lock_netting();
    if not exists (select from netting_member m
        where m.round = p_round and m.organisation = current_organisation())
    then
        perform refuse('404', 'not_found');
    end if;
    perform pg_advisory_xact_lock(hashtextextended('aikatori.settle ' || c.invoice, 0))
        from (select x.invoice from netting_claim x where x.round = p_round
            order by x.invoice) c;
    return query
        select c.invoice, c.seller, i.seller_name, i.iban, c.buyer, i.buyer_name,
            least(c.amount, b.open)
        from netting_claim c
            join invoice i on i.id = c.invoice
            join invoice_balance b on b.invoice = c.invoice
            join netting_member s on (s.round, s.organisation) = (c.round, c.seller)
            join netting_member o on (o.round, o.organisation) = (c.round, c.buyer)
        where c.round = p_round and b.open > 0 and not in_payment(c.invoice)
          and s.answer = 'consent' and o.answer = 'consent'
        order by c.invoice;
end $$;

-- No more than was open when it was proposed, nor than is now, between two who consent.
create function set_off_rules() returns trigger
    language plpgsql
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('aikatori.settle ' || new.invoice, 0));
    if not exists (select from netting_claim c
            join invoice_balance b on b.invoice = c.invoice
            join netting_member s on (s.round, s.organisation) = (c.round, c.seller)
            join netting_member o on (o.round, o.organisation) = (c.round, c.buyer)
        where (c.round, c.invoice, c.seller, c.buyer)
                = (new.round, new.invoice, new.seller, new.buyer)
          and new.amount <= least(c.amount, b.open) and not in_payment(c.invoice)
          and (s.answer, o.answer, s.state, o.state) = ('consent', 'consent', 'open', 'open'))
    then
        perform refuse('500', 'set_off_without_consent');
    end if;
    return new;
end $$;
create trigger rules before insert on set_off for each row execute function set_off_rules();
