-- Who issued a credential. Those who propose and approve payments (0059) are asked for one of their
-- own, so that nobody is two people of a file by a token in another's name.

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
