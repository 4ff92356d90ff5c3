-- The heads of all audit chains, put under one root, which is signed and published: what was sealed
-- then cannot be sealed otherwise later without everyone seeing it.

create table audit_checkpoint (
    number bigint primary key check (number > 0),
    made_at timestamptz not null,
    -- the newest seal that was there
    sealed_to bigint not null,
    -- how many organisations had a chain
    leaves int not null check (leaves > 0),
    root bytea not null check (length(root) = 32),
    -- canonical JSON (RFC 8785), the payload of a JWS
    document bytea not null,
    digest bytea not null unique check (digest = sha256(document)),
    -- the digest of the checkpoint before
    previous bytea unique references audit_checkpoint (digest)
        check ((previous is null) = (number = 1)),
    public_key bytea not null check (length(public_key) = 32),
    protected_header text not null,
    signature bytea not null check (length(signature) = 64)
);
call append_only('audit_checkpoint');
grant select on audit_checkpoint to aikatori_app, aikatori_reader;
grant select, insert on audit_checkpoint to aikatori_market;

-- Where an organisation's chain stood, and its way to the root (RFC 9162 §2.1.3).
create table audit_head (
    checkpoint bigint not null references audit_checkpoint (number),
    organisation uuid not null,
    -- from 0, in order of the organisations
    place int not null check (place >= 0),
    number bigint not null,
    -- 32 bytes for each hash of the way, the lowest first
    path bytea not null check (length(path) % 32 = 0),
    primary key (checkpoint, place),
    unique (organisation, checkpoint),
    foreign key (organisation, number) references audit_seal (organisation, number)
);
call protect('audit_head', 'organisation');
call append_only('audit_head');
grant select on audit_head to aikatori_app;
grant select, insert on audit_head to aikatori_market;

-- The root of a Merkle tree (RFC 9162 §2.1.1) over the hashes of its leaves.
create function audit_root(leaves bytea[]) returns bytea
    language plpgsql immutable
as $$
declare
    half int := 1;
begin
    if cardinality(leaves) <= 1 then
        return leaves[1];
    end if;
    while half * 2 < cardinality(leaves) loop
        half := half * 2;
    end loop;
    return sha256('\x01'::bytea || audit_root(leaves[:half]) || audit_root(leaves[half + 1:]));
end $$;

create function audit_leaf(organisation uuid, number bigint, hash bytea) returns bytea
    language sql immutable
as $$
    select sha256('\x00'::bytea
        || convert_to(organisation::text || E'\x1f' || number || E'\x1f', 'UTF8') || hash)
$$;

-- A checkpoint follows the one before, says in its document what its row says, and its root is that
-- of the chains' heads.
create function audit_checkpoint_holds() returns trigger
    language plpgsql
as $$
begin
    if new.number > 1 and not exists (select from audit_checkpoint b
        where b.number = new.number - 1 and b.digest = new.previous and b.made_at <= new.made_at)
        or convert_from(new.document, 'UTF8')::jsonb - 'made_at' <> jsonb_build_object(
            'leaves', new.leaves, 'number', new.number, 'previous', encode(new.previous, 'hex'),
            'root', encode(new.root, 'hex'))
        or (convert_from(new.document, 'UTF8')::jsonb ->> 'made_at')::timestamptz <> new.made_at
        or (select (count(*), audit_root(array_agg(
                audit_leaf(h.organisation, h.number, s.hash) order by h.organisation)))
                is distinct from (new.leaves::bigint, new.root)
                or coalesce(max(h.place), 0) <> new.leaves - 1
            from audit_head h
            join audit_seal s on (s.organisation, s.number) = (h.organisation, h.number)
            where h.checkpoint = new.number)
    then
        perform refuse('500', 'audit_checkpoint_wrong');
    end if;
    return null;
end $$;
grant execute on function audit_root(bytea[]), audit_leaf(uuid, bigint, bytea)
    to aikatori_market, aikatori_reader;
call give_to_market('audit_checkpoint_holds()');
create constraint trigger holds after insert on audit_checkpoint
    deferrable initially deferred for each row execute function audit_checkpoint_holds();

-- What the next checkpoint begins with; no row when the last is younger than this, when nothing was
-- sealed since, or when another server is at it.
create function due_audit_checkpoint(every interval)
    returns table (number bigint, previous bytea, made_at timestamptz, sealed_to bigint)
    language plpgsql
as $$
declare
    last audit_checkpoint;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('aikatori.audit_checkpoint', 0)) then
        return;
    end if;
    select * into last from audit_checkpoint c order by c.number desc limit 1;
    select coalesce(last.number, 0) + 1, last.digest, market_now(), max(s.position)
        into number, previous, made_at, sealed_to from audit_seal s;
    if sealed_to > coalesce(last.sealed_to, 0)
        and (last.number is null or made_at >= last.made_at + every)
    then
        return next;
    end if;
end $$;
call give_to_market('due_audit_checkpoint(interval)', 'aikatori_app');

-- Where every chain stands now, in order of the organisations.
create function audit_heads() returns table (organisation uuid, number bigint, hash bytea)
    language sql stable
as $$
    select o.id, s.number, s.hash from organisation o cross join lateral (
        select s.number, s.hash from audit_seal s where s.organisation = o.id
        order by s.number desc limit 1) s
    order by o.id
$$;
call give_to_market('audit_heads()', 'aikatori_app');

-- Keeps a signed checkpoint with the heads under it, which are in order of their places.
create function publish_audit_checkpoint(
    checkpoint audit_checkpoint, organisations uuid[], numbers bigint[], paths bytea[]
) returns void
    language plpgsql
as $$
begin
    insert into audit_checkpoint select (checkpoint).*;
    insert into audit_head (checkpoint, organisation, place, number, path)
    select (publish_audit_checkpoint.checkpoint).number, h.organisation, h.place - 1, h.number,
        h.path
    from unnest(organisations, numbers, paths) with ordinality
        as h (organisation, number, path, place);
end $$;
call give_to_market(
    'publish_audit_checkpoint(audit_checkpoint, uuid[], bigint[], bytea[])', 'aikatori_app');

-- Which roles may do the operations. api/openapi.yaml says the same.
insert into operation_role (operation, roles) values
    ('exportAudit', array['admin', 'auditor']);
