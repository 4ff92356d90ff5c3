-- Before a contract: what sellers say of themselves, whom buyers ask, and what buyers need.

-- A region, or FI for the whole country (Sources/Organisations/Region.swift).
create function is_region_list(regions text[]) returns boolean
    language sql immutable
as $$
    select regions <@ array['FI', '01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11',
            '12', '13', '14', '15', '16', '17', '18', '19', '20', '21', '90', '91']
        and cardinality(regions) between 1 and 24
$$;

-- What an organisation says of what it sells; no row is the same as an empty one.
create table profile (
    organisation uuid primary key references organisation (id),
    published boolean not null,
    -- by language
    description jsonb not null,
    services jsonb not null,
    regions text[] not null check (is_region_list(regions)),
    email text not null check (length(email) between 3 and 254),
    revision bigint not null default 1
);
call protect('profile', 'organisation');
grant select, insert on profile to aikatori_app;
grant update (published, description, services, regions, email, revision)
    on profile to aikatori_app;
grant select on profile to aikatori_market;

-- The profiles that everyone in the market sees.
create function published_profiles(
    p_organisation uuid, p_specialty text, p_profession text, p_language text, p_region text,
    p_text text, p_after uuid, p_limit int)
    returns table (organisation uuid, name text, business_id text, published boolean,
        description text, services text, regions text[], email text, revision bigint)
    language sql stable
as $$
    select p.organisation, o.name, o.business_id, p.published, p.description::text,
        p.services::text, p.regions, p.email, p.revision
    from profile p join organisation o on o.id = p.organisation
    where p.published and current_organisation() is not null
      and (p_organisation is null or p.organisation = p_organisation)
      and (p_after is null or p.organisation > p_after)
      and exists (select from jsonb_array_elements(p.services) s
          where (p_specialty is null or s -> 'specialty' ->> 'code' = p_specialty)
            and (p_profession is null or s -> 'profession' ->> 'code' = p_profession)
            and (p_language is null or s -> 'languages' ? p_language))
      and (p_region is null or p.regions && array[p_region, 'FI'])
      and (p_text is null or strpos(lower(o.name || ' ' || (
          select string_agg(d.value, ' ') from jsonb_each_text(p.description) d)),
          lower(p_text)) > 0)
    order by p.organisation limit p_limit
$$;

-- What a buyer is looking for. While it is open, sellers may answer until `answer_by`; then it is
-- expired where nobody has, and to be decided on where somebody has.
create table need (
    id uuid primary key,
    buyer uuid not null references organisation (id),
    title text not null check (length(title) between 1 and 200),
    service jsonb not null,
    regions text[] not null check (is_region_list(regions)),
    minutes int not null check (minutes between 1 and 100000),
    per text not null check (per in ('week', 'month')),
    starts_on date not null,
    ends_on date not null check (ends_on >= starts_on),
    words text not null check (length(words) between 1 and 4000),
    answer_by timestamptz not null,
    -- whom it is shown to; null is all
    sellers uuid[] check (cardinality(sellers) between 1 and 50),
    state text not null default 'open'
        check (state in ('open', 'deciding', 'closed', 'withdrawn', 'expired')),
    accepted uuid,
    revision bigint not null default 1,
    created_at timestamptz not null default market_now(),
    check ((state = 'closed') = (accepted is not null)),
    unique (id, buyer)
);
create index need_of_buyer on need (buyer, id);
create index need_that_is_open on need (id) where state = 'open';
call protect('need', 'buyer');
grant select, insert on need to aikatori_app;
grant update (state, accepted, revision) on need to aikatori_app;
-- an answer counts as a change of the need
grant select, update (revision) on need to aikatori_market;

-- What one seller answers, once. No other seller sees it.
create table need_answer (
    id uuid primary key,
    need uuid not null,
    seller uuid not null references organisation (id),
    buyer uuid not null,
    words text not null check (length(words) between 1 and 4000),
    price_per_minute text check (price_per_minute ~ '^(0|[1-9][0-9]{0,4})(\.[0-9]{1,4})?$'),
    created_at timestamptz not null default market_now(),
    foreign key (need, buyer) references need (id, buyer),
    unique (need, seller),
    unique (id, need),
    check (seller <> buyer)
);
call protect('need_answer', 'seller', 'buyer');
call append_only('need_answer');
grant select on need_answer to aikatori_app;
grant select, insert on need_answer to aikatori_market;
alter table need add foreign key (accepted, id) references need_answer (id, need);

-- A need stays as sellers read it, and what was decided stays.
create function need_stays() returns trigger
    language plpgsql
as $$
begin
    if old.state in ('closed', 'withdrawn', 'expired')
        or old.state = 'deciding' and new.state = 'open'
    then
        perform refuse('409', 'need_not_open');
    end if;
    return new;
end $$;
create trigger stays before update on need for each row execute function need_stays();

-- The needs of others that the caller may answer, or has answered.
create function needs_of_others(p_need uuid, p_after uuid, p_limit int)
    returns table (id uuid, buyer uuid, title text, service text, regions text[],
        minutes int, per text, starts_on date, ends_on date, words text, answer_by timestamptz,
        sellers uuid[], state text, accepted uuid, revision bigint)
    language sql stable
as $$
    select n.id, n.buyer, n.title, n.service::text, n.regions, n.minutes, n.per,
        n.starts_on, n.ends_on, n.words, n.answer_by,
        -- nobody is told who else is asked, and only who gave it that an answer was accepted
        case when n.sellers is not null then array[current_organisation()] end, n.state,
        (select a.id from need_answer a
            where a.id = n.accepted and a.seller = current_organisation()),
        n.revision
    from need n
    where n.buyer <> current_organisation()
      and (p_need is null or n.id = p_need)
      and (p_after is null or n.id > p_after)
      and (n.state = 'open' and n.answer_by > market_now()
              and (n.sellers is null or current_organisation() = any (n.sellers))
          or exists (select from need_answer a
              where a.need = n.id and a.seller = current_organisation()))
    order by n.id limit p_limit
$$;

-- The caller's answer to another's need; the need is locked, so that it cannot be withdrawn or
-- decided on meanwhile. Returns the need's buyer and its revision now.
create function answer_need(p_need uuid, p_answer uuid, p_words text, p_price text)
    returns table (buyer uuid, revision bigint)
    language plpgsql
as $$
declare
    asked need;
begin
    select * into asked from need n where n.id = p_need for update;
    if not found or asked.buyer = current_organisation() or current_organisation() is null
        or asked.sellers is not null and current_organisation() <> all (asked.sellers)
    then
        perform refuse('404', 'not_found');
    end if;
    if asked.state <> 'open' or asked.answer_by <= market_now() then
        perform refuse('409', 'need_not_open');
    end if;
    if exists (select from need_answer a
        where a.need = p_need and a.seller = current_organisation())
    then
        perform refuse('409', 'already_answered');
    end if;
    insert into need_answer (id, need, seller, buyer, words, price_per_minute)
    values (p_answer, p_need, current_organisation(), asked.buyer, p_words, p_price);
    return query
        update need n set revision = n.revision + 1 where n.id = p_need
        returning n.buyer, n.revision;
end $$;

-- A buyer asks a seller for a contract: why, and with which template the first version was made.
create table contract_request (
    contract uuid primary key,
    seller uuid not null,
    buyer uuid not null,
    template text not null check (length(template) between 1 and 200),
    words text not null check (length(words) between 1 and 4000),
    -- the one that was answered, where it began with one
    need uuid,
    created_at timestamptz not null default market_now(),
    foreign key (contract, seller, buyer) references contract (id, seller, buyer)
);
call protect('contract_request', 'seller', 'buyer');
call append_only('contract_request');
grant select, insert (contract, seller, buyer, template, words, need)
    on contract_request to aikatori_app;

-- What a draft needs of the other organisation: of one that has published a profile, or has
-- answered a need of the caller, and so wants to be asked.
create function organisation_to_ask(p_organisation uuid) returns setof organisation
    language sql stable
as $$
    select o.* from organisation o
    where o.id = p_organisation and current_organisation() is not null
      and (exists (select from profile p where p.organisation = o.id and p.published)
          or exists (select from need_answer a
              where a.seller = o.id and a.buyer = current_organisation()))
$$;

grant execute on function is_region_list(text[]), need_stays()
    to aikatori_app, aikatori_market;
call give_to_market(
    'published_profiles(uuid, text, text, text, text, text, uuid, int)', 'aikatori_app');
call give_to_market('needs_of_others(uuid, uuid, int)', 'aikatori_app');
call give_to_market('answer_need(uuid, uuid, text, text)', 'aikatori_app');
call give_to_market('organisation_to_ask(uuid)', 'aikatori_app');
