-- The life of a contract: drafts are their writer's own until they are offered; a version is
-- withdrawn or declined before both have signed; bookings are suspended; a notice ends it.

-- What is not offered is not there for the other side, nor is what was compiled from it.
create policy offered on contract as restrictive for all to aikatori_app
    using (state <> 'draft' or drafted_by = current_organisation());
create policy offered on contract_version as restrictive for all to aikatori_app
    using (offered_at is not null or drafted_by = current_organisation());
create policy offered on contract_service as restrictive for all to aikatori_app
    using (exists (select from contract_version v
        where v.contract = contract_service.contract and v.number = contract_service.number));
create policy offered on price as restrictive for all to aikatori_app
    using (exists (select from contract_version v
        where v.contract = price.contract and v.number = price.number));
create policy offered on price_supplement as restrictive for all to aikatori_app
    using (exists (select from contract_version v
        where v.contract = price_supplement.contract and v.number = price_supplement.number));
create policy offered on price_discount as restrictive for all to aikatori_app
    using (exists (select from contract_version v
        where v.contract = price_discount.contract and v.number = price_discount.number));

-- The number of the next version. A party may not see the other's draft, and both count on.
create function next_version_number(p_contract uuid) returns int
    language sql stable
as $$
    select max(v.number) + 1 from contract_version v
    where v.contract = p_contract and current_organisation() in (v.seller, v.buyer)
$$;
call give_to_market('next_version_number(uuid)', 'aikatori_app');

-- Offered once, and closed once: by its writer, or by the other side when it was offered.
create function contract_version_life() returns trigger
    language plpgsql
as $$
begin
    if old.offered_at is not null and new.offered_at is distinct from old.offered_at
        or old.closed_at is not null and (new.closed_at, new.closed_by, new.closed_reason)
            is distinct from (old.closed_at, old.closed_by, old.closed_reason)
    then
        perform refuse('500', 'contract_version_stays');
    end if;
    if old.offered_at is null and new.offered_at is not null
        and new.drafted_by is distinct from current_organisation()
        or old.closed_at is null and new.closed_at is not null
        and new.closed_by is distinct from current_organisation()
    then
        perform refuse('403', 'not_your_side');
    end if;
    if old.closed_at is not null and (new.offered_at, new.signed_at)
        is distinct from (old.offered_at, old.signed_at)
    then
        perform refuse('409', 'version_withdrawn');
    end if;
    if new.closed_at is not null and old.closed_at is null and (old.signed_at is not null
        or new.closed_by <> new.drafted_by and exists (select from signature s
            where s.contract = new.contract and s.number = new.number
              and s.organisation = new.closed_by))
    then
        perform refuse('409', 'already_signed');
    end if;
    return new;
end $$;
create trigger life before update on contract_version
    for each row execute function contract_version_life();

-- Nobody signs for the other side, nor what is not offered or not open any more.
create function signature_of_own_side() returns trigger
    language plpgsql
as $$
begin
    if new.organisation is distinct from current_organisation() then
        perform refuse('403', 'not_your_side');
    end if;
    if not exists (select from contract_version v
        where v.contract = new.contract and v.number = new.number
          and v.offered_at is not null and v.closed_at is null)
    then
        perform refuse('404', 'not_found');
    end if;
    return new;
end $$;
create trigger own_side before insert on signature
    for each row execute function signature_of_own_side();

-- A contract is active once a version is signed, and what has ended stays ended (invariant 33).
-- Who suspended it lets it go on; a notice stands, and ends it when its time has come.
create function contract_rules() returns trigger
    language plpgsql
as $$
begin
    if new.state <> old.state
        and (old.state, new.state) not in (('draft', 'offered'), ('offered', 'active'),
            ('active', 'suspended'), ('suspended', 'active'), ('active', 'ended'),
            ('suspended', 'ended'))
        or new.state = 'ended' and old.state <> 'ended'
            and coalesce(new.ends_at, 'infinity') > market_now()
    then
        perform refuse('409', 'illegal_transition',
            jsonb_build_object('from', old.state, 'to', new.state));
    end if;
    if new.state = 'offered' and old.state = 'draft' and not exists (
        select from contract_version v where v.contract = new.id and v.offered_at is not null)
        or new.state = 'active' and not exists (
        select from contract_version v where v.contract = new.id and v.signed_at is not null)
    then
        perform refuse('409', 'signature_missing');
    end if;
    if (old.state, new.state) = ('suspended', 'active')
        and old.suspended_by is distinct from current_organisation()
        or old.suspended_by is null and new.suspended_by is not null
        and new.suspended_by is distinct from current_organisation()
        or old.state = 'suspended' and new.state = 'suspended'
        and (new.suspended_by, new.suspended_at, new.suspension_reason)
            is distinct from (old.suspended_by, old.suspended_at, old.suspension_reason)
        or old.notice_by is null and new.notice_by is distinct from current_organisation()
        and new.notice_by is not null
    then
        perform refuse('403', 'not_your_side');
    end if;
    if old.notice_by is null and new.notice_by is not null
        and new.state not in ('active', 'suspended')
    then
        perform refuse('409', 'contract_not_active');
    end if;
    if old.notice_by is not null and (new.ends_at, new.notice_by, new.notice_at,
        new.notice_reason) is distinct from (old.ends_at, old.notice_by, old.notice_at,
        old.notice_reason)
    then
        perform refuse('409', 'notice_given');
    end if;
    return new;
end $$;
create trigger rules before update on contract
    for each row execute function contract_rules();

-- A stretch of time that a contract sells whole, in which its buyer places visits.
create table block (
    id uuid primary key,
    contract uuid not null,
    version int not null,
    -- which of the blocks of the contract's version, from nought
    term int not null check (term >= 0),
    service text not null,
    seller uuid not null,
    buyer uuid not null,
    specialist uuid not null,
    during tstzrange not null check (is_slot(during)),
    -- the billing period in which it begins
    period text not null,
    -- the buyer's
    room text check (length(room) between 1 and 200),
    nurse boolean not null,
    place_until timestamptz not null check (place_until <= lower(during)),
    -- the share of its price that unused time costs, in hundredths of a percent
    unused_fee int not null check (unused_fee between 0 and 100000),
    reoffer boolean not null,
    -- open: visits are placed; closed: placing has ended; given back by its buyer; withdrawn: free
    state text not null default 'open'
        check (state in ('open', 'closed', 'given_back', 'withdrawn')),
    -- what no visit takes is for sale to everyone
    on_sale boolean not null default false,
    -- over, and what stayed unused is charged
    settled_at timestamptz,
    revision bigint not null default 1,
    created_at timestamptz not null default market_now(),
    unique (id, seller, buyer),
    foreign key (contract, seller, buyer) references contract (id, seller, buyer),
    foreign key (contract, version, service)
        references contract_service (contract, number, service),
    foreign key (seller, specialist) references specialist (organisation, id)
);
-- what the contract sells once is made once
create unique index block_once on block (contract, term, lower(during)) where state <> 'withdrawn';
create index block_of_seller on block (seller, id);
create index block_of_buyer on block (buyer, id);
create index block_of_specialist on block using gist (specialist, during);
call protect('block', 'seller', 'buyer');
grant select on block to aikatori_app;
grant select, insert, update (state, on_sale, settled_at, revision) on block to aikatori_market;
create trigger stays before delete on block
    for each row execute function refuse_change();
create trigger stays_whole before truncate on block
    for each statement execute function refuse_change();

create function block_rules() returns trigger
    language plpgsql
as $$
begin
    if (old.settled_at is not null or new.on_sale < old.on_sale
        or new.state <> old.state and (old.state, new.state) not in (
            ('open', 'closed'), ('open', 'given_back'), ('open', 'withdrawn'),
            ('closed', 'withdrawn'), ('given_back', 'withdrawn')))
    then
        perform refuse('409', 'illegal_transition',
            jsonb_build_object('from', old.state, 'to', new.state));
    end if;
    return new;
end $$;
create trigger rules before update on block
    for each row execute function block_rules();

alter table reservation add foreign key (block) references block (id);
alter table booking add foreign key (block, seller, buyer) references block (id, seller, buyer);
alter table charge add foreign key (block, seller, buyer) references block (id, seller, buyer);
