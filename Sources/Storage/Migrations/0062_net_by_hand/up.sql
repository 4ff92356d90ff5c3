-- A person says which waiting payment pays what remained of a round of netting.

-- What pays it is matched, however that was found.
create or replace view bank_entry_standing with (security_invoker = true) as
    select e.id as bank_entry, a.allocated,
        case when n.net_payment is not null then 'matched'
            when s.bank_entry is not null and a.allocated = 0 then 'not_ours'
            when e.fate = 'matched' then 'matched'
            when g.taken_back > 0 then 'matched'
            when a.allocated = 0 then e.fate
            when e.reason = 'underpaid' then e.fate
            when a.allocated * 1000 = e.hundred_thousandths then 'matched'
            else 'partly_matched' end as fate,
        case when n.net_payment is not null then null
            when a.is_returned then 'returned'
            when s.bank_entry is not null then 'set_aside'
            when g.taken_back > 0 then null
            when e.fate = 'matched' or a.allocated = 0 or e.reason = 'underpaid' then e.reason
            when a.allocated * 1000 = e.hundred_thousandths then null
            else 'overpaid' end as reason,
        n.net_payment
    from bank_entry e
        left join bank_entry_aside s on s.bank_entry = e.id
        left join net_payment_received n on n.bank_entry = e.id
        cross join lateral (
            select coalesce(sum(x.amount), 0)::bigint as allocated,
                coalesce(bool_or(r.bank_entry is not null), false) as is_returned
            from allocation x left join allocation_return r
                on (r.bank_entry, r.invoice) = (x.bank_entry, x.invoice)
            where x.bank_entry = e.id) a
        cross join lateral (
            select count(*) as taken_back from allocation_return r
            where r.returned_by = e.id) g;

-- What paid it is not set aside, either. The lock is that of who decides on an entry.
create function aside_beside_net_payments() returns trigger
    language plpgsql
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('aikatori.apply ' || new.bank_entry, 0));
    if exists (select from net_payment_received r where r.bank_entry = new.bank_entry) then
        perform refuse('409', 'bank_entry_used_up');
    end if;
    return new;
end $$;
create trigger beside_net_payments before insert on bank_entry_aside
    for each row execute function aside_beside_net_payments();
grant execute on function aside_beside_net_payments() to aikatori_app, aikatori_market;
