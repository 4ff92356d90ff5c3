-- What comes back from the bank: its invoice can be paid again, and the payment pays nothing more.

alter table payment_order
    drop constraint payment_order_state_check,
    -- returned: the money came to the seller, and the bank took it back
    add constraint payment_order_state_check
        check (state in ('pending', 'accepted', 'rejected', 'withdrawn', 'returned'));

-- Whether money that came after the order's file was approved went back.
create function order_came_back(o payment_order) returns boolean
    language sql stable
as $$
    select exists (select from payment_file f
            join allocation a on a.invoice = o.invoice and a.recorded_at >= f.approved_at
            join allocation_return r on (r.bank_entry, r.invoice) = (a.bank_entry, a.invoice)
        where f.id = o.file)
$$;

-- An order pays what its organisation owes, no more than is open, under an approval of its own,
-- and moves forward only.
create or replace function payment_order_rules() returns trigger
    language plpgsql
as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'pending' or not exists (
            select from payment_file f
                join payment_approval p on (p.invoice, p.organisation)
                    = (new.invoice, f.organisation)
                join invoice i on (i.id, i.buyer) = (new.invoice, f.organisation)
                join invoice_balance b on b.invoice = i.id
            where (f.id, f.organisation) = (new.file, new.organisation)
              and f.approved_by is null and new.amount <= b.open)
        then
            perform refuse('409', 'not_payable');
        end if;
        return new;
    end if;
    if new.state = old.state and (new.code, new.words) is not distinct from (old.code, old.words)
    then
        return new;
    end if;
    if (old.state, new.state) not in (('pending', 'accepted'), ('pending', 'rejected'),
        ('accepted', 'rejected'), ('pending', 'withdrawn'), ('pending', 'returned'),
        ('accepted', 'returned'))
        or new.state = 'returned' and not order_came_back(new)
    then
        perform refuse('500', 'payment_order_moves_forward');
    end if;
    return new;
end $$;

-- The seller's bank says so, and the buyer can pay again.
create function return_frees_order() returns trigger
    language plpgsql
as $$
begin
    update payment_order o set state = 'returned'
    where o.invoice = new.invoice and o.state in ('pending', 'accepted') and order_came_back(o);
    return null;
end $$;
create trigger frees_order after insert on allocation_return
    for each row execute function return_frees_order();

-- Nothing of a payment that went back settles anything more, nor what of it was too much.
create function allocation_beside_returns() returns trigger
    language plpgsql
as $$
begin
    if exists (select from allocation_return r where r.bank_entry = new.bank_entry) then
        perform refuse('409', 'bank_entry_used_up');
    end if;
    return new;
end $$;
-- after `within`, which takes the bank entry
create trigger within_returns before insert on allocation
    for each row execute function allocation_beside_returns();

grant execute on function order_came_back(payment_order), allocation_beside_returns()
    to aikatori_app, aikatori_market;
grant select on payment_file, allocation, payment_order to aikatori_market;
grant update (state) on payment_order to aikatori_market;
call give_to_market('return_frees_order()');
