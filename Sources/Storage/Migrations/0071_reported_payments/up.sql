-- A payment that a seller's own system reported, and the same money in a bank's file: a person says
-- that they are one. What was reported and was wrong is taken back.

-- A bank's file always has the name of its message (ISO 20022, GrpHdr/MsgId); a report has none.
alter table bank_file add column is_report boolean not null default false;
alter table bank_file alter column is_report drop default;
alter table bank_file alter column is_report type boolean using (message_id is null);
alter table bank_file alter column is_report set default false;

-- A bank entry that waited is the money of a report: it settles nothing more.
create table report_seen (
    bank_entry uuid primary key references bank_entry (id),
    report uuid not null unique references bank_entry (id),
    organisation uuid not null references organisation (id),
    recorded_at timestamptz not null default market_now()
);
call protect('report_seen', 'organisation');
call append_only('report_seen');
grant select, insert on report_seen to aikatori_app;

-- Taken back by the seller, and not by the bank: the buyer's own payment did not come back.
alter table allocation_return add column reported boolean not null default false;

create view report_in_force with (security_invoker = true) as
    select e.id as report, e.organisation, e.iban, e.hundred_thousandths, e.booked_on, a.invoice,
        a.amount
    from bank_entry e join bank_file f on f.id = e.file and f.is_report
        join allocation a on a.bank_entry = e.id
    where not exists (select from allocation_return r
            where (r.bank_entry, r.invoice) = (a.bank_entry, a.invoice))
        and not exists (select from report_seen s where s.report = e.id);
grant select on report_in_force to aikatori_app, aikatori_reader;

-- The same sum on the same account, of a report that is in force, by an entry of a bank's file that
-- settles nothing.
create function report_seen_rules() returns trigger
    language plpgsql
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('aikatori.apply ' || id, 0))
        from (select id from unnest(array[new.bank_entry, new.report]) as id order by id) as two;
    if current_organisation() is distinct from new.organisation then
        perform refuse('403', 'not_your_side');
    end if;
    if not exists (select from report_in_force r join bank_entry e
            on (e.organisation, e.iban, e.hundred_thousandths)
                = (r.organisation, r.iban, r.hundred_thousandths)
        join bank_file f on f.id = e.file and not f.is_report
        where (r.report, e.id, e.organisation) = (new.report, new.bank_entry, new.organisation)
          and (e.direction, e.currency) = ('credit', 'EUR'))
    then
        perform refuse('409', 'report_differs');
    end if;
    if exists (select from allocation a where a.bank_entry = new.bank_entry)
        or exists (select from bank_entry_aside a where a.bank_entry = new.bank_entry)
        or exists (select from net_payment_received r where r.bank_entry = new.bank_entry)
    then
        perform refuse('409', 'bank_entry_used_up');
    end if;
    return new;
end $$;
create trigger rules before insert on report_seen
    for each row execute function report_seen_rules();

-- And the other way round: what is the money of a report is neither applied nor set aside.
create function beside_reports() returns trigger
    language plpgsql
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('aikatori.apply ' || new.bank_entry, 0));
    if exists (select from report_seen s where s.bank_entry = new.bank_entry) then
        perform refuse('409', 'bank_entry_used_up');
    end if;
    return new;
end $$;
create trigger within_reports before insert on allocation
    for each row execute function beside_reports();
create trigger beside_reports before insert on bank_entry_aside
    for each row execute function beside_reports();
create trigger beside_reports before insert on net_payment_received
    for each row execute function beside_reports();

-- The seller takes back a report alone, whole, and none that a bank's file has confirmed; a bank's
-- file takes back whatever it does.
create function report_taken_back_whole() returns trigger
    language plpgsql
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('aikatori.apply ' || new.bank_entry, 0));
    if new.reported is distinct from (select f.is_report from bank_entry e
            join bank_file f on f.id = e.file where e.id = new.returned_by)
        or new.reported and not exists (select from report_in_force r
            join bank_entry e on e.hundred_thousandths = r.hundred_thousandths
            where (r.report, r.invoice, e.id)
                = (new.bank_entry, new.invoice, new.returned_by))
    then
        perform refuse('409', 'nothing_to_take_back');
    end if;
    return new;
end $$;
create trigger report_whole before insert on allocation_return
    for each row execute function report_taken_back_whole();

create or replace view bank_entry_standing with (security_invoker = true) as
    select e.id as bank_entry, a.allocated,
        case when n.net_payment is not null or k.report is not null then 'matched'
            when s.bank_entry is not null and a.allocated = 0 then 'not_ours'
            when e.fate = 'matched' then 'matched'
            when g.taken_back > 0 then 'matched'
            when a.allocated = 0 then e.fate
            when e.reason = 'underpaid' then e.fate
            when a.allocated * 1000 = e.hundred_thousandths then 'matched'
            else 'partly_matched' end as fate,
        case when n.net_payment is not null or k.report is not null then null
            when a.is_taken_back then 'report_taken_back'
            when a.is_returned then 'returned'
            when s.bank_entry is not null then 'set_aside'
            when g.taken_back > 0 then null
            when e.fate = 'matched' or a.allocated = 0 or e.reason = 'underpaid' then e.reason
            when a.allocated * 1000 = e.hundred_thousandths then null
            else 'overpaid' end as reason,
        n.net_payment, k.report
    from bank_entry e
        left join bank_entry_aside s on s.bank_entry = e.id
        left join net_payment_received n on n.bank_entry = e.id
        left join report_seen k on k.bank_entry = e.id
        cross join lateral (
            select coalesce(sum(x.amount), 0)::bigint as allocated,
                coalesce(bool_or(r.bank_entry is not null), false) as is_returned,
                coalesce(bool_or(r.reported), false) as is_taken_back
            from allocation x left join allocation_return r
                on (r.bank_entry, r.invoice) = (x.bank_entry, x.invoice)
            where x.bank_entry = e.id) a
        cross join lateral (
            select count(*) as taken_back from allocation_return r
            where r.returned_by = e.id) g;

-- Whether money that came after the order's file was approved went back at the bank.
create or replace function order_came_back(o payment_order) returns boolean
    language sql stable
as $$
    select exists (select from payment_file f
            join allocation a on a.invoice = o.invoice and a.recorded_at >= f.approved_at
            join allocation_return r on (r.bank_entry, r.invoice) = (a.bank_entry, a.invoice)
                and not r.reported
        where f.id = o.file)
$$;

grant execute on function report_seen_rules(), beside_reports(), report_taken_back_whole()
    to aikatori_app, aikatori_market;

insert into operation_role (operation, roles) values
    ('takeBackReport', array['finance']);
