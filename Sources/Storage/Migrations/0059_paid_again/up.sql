-- One person does not have an invoice paid again. A file that was approved may be with the bank,
-- whoever withdrew it, and whatever a file says that is called the bank's answer.

create index payment_order_of_invoice on payment_order (invoice);

-- Whether another file with the same invoice was approved until then.
create function was_in_an_approved_file(o payment_order, p_until timestamptz) returns boolean
    language sql stable
as $$
    select exists (select from payment_order b join payment_file f on f.id = b.file
        where b.invoice = o.invoice and b.file <> o.file and f.approved_at <= p_until)
$$;
grant execute on function was_in_an_approved_file(payment_order, timestamptz)
    to aikatori_app, aikatori_reader;

-- A file is proposed by one person, and approved once: by another person above the limit, or where
-- it pays an invoice again; and by who acts, as themselves. A person withdraws it. What it says
-- never changes.
create or replace function payment_file_rules() returns trigger
    language plpgsql
as $$
declare
    free_up_to bigint;
begin
    if tg_op = 'INSERT' then
        if new.proposed_by is distinct from current_member() or new.approved_by is not null
            or new.withdrawn_at is not null
        then
            perform refuse('500', 'payment_file_of_another');
        end if;
        if not is_own_credential() then
            perform refuse('403', 'credential_of_another');
        end if;
        return new;
    end if;
    if old.withdrawn_at is not null then
        perform refuse('409', 'payment_file_withdrawn');
    end if;
    if new.withdrawn_at is not null and current_member() is null then
        perform refuse('403', 'member_missing');
    end if;
    if old.approved_by is not null
        and (new.approved_by, new.approved_at, new.document)
            is distinct from (old.approved_by, old.approved_at, old.document)
    then
        perform refuse('409', 'payment_file_approved');
    end if;
    if old.approved_by is null and new.approved_by is not null then
        select coalesce(max(l.above), 0) into free_up_to from payment_limit l
            where l.organisation = new.organisation
              and not exists (select from payment_order o where o.file = new.id
                and was_in_an_approved_file(o, 'infinity'));
        if new.approved_by is distinct from current_member() then
            perform refuse('500', 'payment_file_of_another');
        end if;
        if not is_own_credential() then
            perform refuse('403', 'credential_of_another');
        end if;
        if new.approved_by = new.proposed_by and new.total > free_up_to then
            perform refuse('403', 'second_person_needed',
                jsonb_build_object('above', free_up_to));
        end if;
    end if;
    return new;
end $$;
