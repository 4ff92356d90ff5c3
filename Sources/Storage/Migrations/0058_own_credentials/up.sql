-- Who issued a credential. Nobody is two people of a payment file by a token in another's name.

alter table credential
    -- the member who did; itself where it signed in; null where no member did, or none is known
    add column issued_by uuid,
    -- by its own member, with a credential that is its own, too
    add column self_issued boolean not null default false,
    add foreign key (organisation, issued_by) references member (organisation, id);

-- What says whose a credential is stays with the database: the application names none of it.
revoke insert on credential from aikatori_app;
grant insert (id, organisation, member, label, digest, roles, created_at, expires_at)
    on credential to aikatori_app;

-- Whether who acts signed in, or came with a token that it issued itself after it had.
create function is_own_credential() returns boolean
    language sql stable
as $$
    select exists (select from credential c
        where (c.id, c.member) = (current_credential(), current_member())
          and (c.idle_until is not null or c.self_issued))
$$;

create function credential_issuer() returns trigger
    language plpgsql
as $$
begin
    -- whoever signs in enters only afterwards
    new.issued_by := case when new.idle_until is null then current_member() else new.member end;
    new.self_issued := new.idle_until is null
        and coalesce(new.member = current_member(), false) and is_own_credential();
    return new;
end $$;
create trigger issuer before insert on credential
    for each row execute function credential_issuer();
grant execute on function is_own_credential(), credential_issuer()
    to aikatori_app, aikatori_market;

-- A file is proposed by one person, and approved once: above the limit by another person, and by
-- who acts, as themselves. What it says never changes.
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
    if old.approved_by is not null
        and (new.approved_by, new.approved_at, new.document)
            is distinct from (old.approved_by, old.approved_at, old.document)
    then
        perform refuse('409', 'payment_file_approved');
    end if;
    if old.approved_by is null and new.approved_by is not null then
        select coalesce(max(l.above), 0) into free_up_to from payment_limit l
            where l.organisation = new.organisation;
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
