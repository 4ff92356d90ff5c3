-- The life of signing keys: made, used, retired once, and published for ever.

create function organisation_key_stays() returns trigger
    language plpgsql
as $$
begin
    if tg_op = 'DELETE' or old.retired_at is not null
        or (new.organisation, new.key_id, new.public_key, new.sealed_private_key, new.created_at)
            is distinct from
            (old.organisation, old.key_id, old.public_key, old.sealed_private_key, old.created_at)
    then
        perform refuse('500', 'organisation_key_stays');
    end if;
    return new;
end $$;
create trigger stays before update or delete on organisation_key
    for each row execute function organisation_key_stays();
create trigger stays_whole before truncate on organisation_key
    for each statement execute function refuse_change();

-- A key that was retired signs nothing more.
create function signature_of_key_in_use() returns trigger
    language plpgsql
as $$
begin
    if exists (select from organisation_key k
        where k.organisation = new.organisation and k.key_id = new.key_id
          and k.retired_at is not null)
    then
        perform refuse('409', 'signing_key_retired');
    end if;
    return new;
end $$;
create trigger signed_by_key_in_use before insert on signature
    for each row execute function signature_of_key_in_use();

-- Public keys of one organisation or of all, for anyone who checks a signature; nothing else of
-- them.
create function public_keys(p_organisation uuid)
    returns table (
        organisation uuid, key_id text, public_key bytea, is_held boolean,
        created_at timestamptz, retired_at timestamptz)
    language sql stable
as $$
    select k.organisation, k.key_id, k.public_key, k.sealed_private_key is not null,
        k.created_at, k.retired_at
    from organisation_key k
    where p_organisation is null or k.organisation = p_organisation
    order by k.organisation, k.created_at, k.key_id
$$;
call give_to_market('public_keys(uuid)', 'aikatori_app');

-- Which roles may do the operations on keys and signed files. api/openapi.yaml says the same.
insert into operation_role (operation, roles) values
    ('addOrganisationKey', array['admin']),
    ('retireOrganisationKey', array['admin']),
    ('getSignedContract',
        array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']),
    ('importContract', array['admin']);
