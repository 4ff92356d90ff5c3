-- Multiplies one seller, one buyer and their signed contract, made by the program itself, into a
-- market of the size that is measured. Psql variables: sellers, buyers, contracts, specialists (of
-- each seller), days, targets.
\set ON_ERROR_STOP on
set session_replication_role = replica;
set synchronous_commit = off;
create schema bench;

create table bench.seller as
    select row_number() over (order by made, n) - 1 as place, id, n
    from (
        select c.seller as id, 1 as n, 0 as made from contract c
        union all
        select gen_random_uuid(), n, 1 from generate_series(2, :sellers) n
    ) x;
create table bench.buyer as
    select row_number() over (order by made, n) - 1 as place, id, n,
        'aik_' || rtrim(translate(
            encode(sha256(convert_to('buyer ' || n, 'UTF8')), 'base64'), '+/', '-_'), '=') as token
    from (
        select c.buyer as id, 1 as n, 0 as made from contract c
        union all
        select gen_random_uuid(), n, 1 from generate_series(2, :buyers) n
    ) x;

insert into organisation
    select (jsonb_populate_record(o, jsonb_build_object('id', s.id, 'name', 'Seller ' || s.n,
        'business_id', 'seller ' || s.n))).*
    from bench.seller s join contract c on true join organisation o on o.id = c.seller
    where s.n > 1
    union all
    select (jsonb_populate_record(o, jsonb_build_object('id', b.id, 'name', 'Buyer ' || b.n,
        'business_id', 'buyer ' || b.n))).*
    from bench.buyer b join contract c on true join organisation o on o.id = c.buyer
    where b.n > 1;
insert into unit (id, organisation, name, time_zone)
    select gen_random_uuid(), id, 'Sold time', 'Europe/Helsinki' from bench.seller;
insert into credential (id, organisation, label, digest, roles, expires_at)
    select gen_random_uuid(), id, 'Load', sha256(convert_to(token, 'UTF8')), '{scheduler}',
        clock_timestamp() + interval '1 year'
    from bench.buyer;

-- Each contract is the one that both sides signed, for another pair; each sells ten specialties.
create table bench.contract as
    select i as place, s.id as seller, b.id as buyer, b.token,
        case i when 0 then (select id from contract) else gen_random_uuid() end as id
    from generate_series(0, :contracts - 1) i
    join bench.seller s on s.place = i % :sellers
    join bench.buyer b on b.place = case when i < :buyers then i else (i - :buyers + 1) % :buyers
        end;
create table bench.specialty as
    select place, case place when 0 then s.specialty else (100 + place)::text end as code,
        case place when 0 then s.service else 'service-' || place end as service
    from generate_series(0, 9) place, contract_service s;
insert into contract
    select (jsonb_populate_record(c, jsonb_build_object('id', b.id, 'seller', b.seller,
        'buyer', b.buyer, 'drafted_by', b.seller))).*
    from bench.contract b, contract c where b.place > 0;
insert into contract_version
    select (jsonb_populate_record(v, jsonb_build_object('contract', b.id, 'seller', b.seller,
        'buyer', b.buyer, 'drafted_by', b.seller))).*
    from bench.contract b, contract_version v where b.place > 0;
create temporary table own_service as select * from contract_service;
create temporary table own_price as select * from price;
delete from price;
delete from contract_service;
insert into contract_service
    select (jsonb_populate_record(s, jsonb_build_object('contract', b.id, 'seller', b.seller,
        'buyer', b.buyer, 'service', y.service, 'specialty', y.code))).*
    from bench.contract b, bench.specialty y, own_service s;
insert into price
    select (jsonb_populate_record(p, jsonb_build_object('contract', b.id, 'seller', b.seller,
        'buyer', b.buyer, 'service', y.service))).*
    from bench.contract b, bench.specialty y, own_price p;

insert into specialist (id, organisation, unit, label, profession, specialty, languages)
    select gen_random_uuid(), s.id, u.id, 'Specialist ' || k, 'physician', y.code, '{fi,sv,en}'
    from bench.seller s
    join unit u on u.organisation = s.id and u.name = 'Sold time'
    cross join generate_series(1, :specialists) k
    join bench.specialty y on y.place = k % 10;
insert into licence (id, organisation, specialist, authority, number, valid)
    select gen_random_uuid(), s.organisation, s.id, 'Example authority', s.id::text,
        daterange('2020-01-01', null)
    from specialist s join unit u on u.id = s.unit and u.name = 'Sold time';

-- Working days of eight weeks from the coming Monday, 9 to 15 by Helsinki's clock.
create table bench.day as
    select (date_trunc('week', now())::date + 7 + n)::date as day,
        ((date_trunc('week', now())::date + 7 + n)::date + time '09:00')
            at time zone 'Europe/Helsinki' as starts
    from generate_series(0, :days - 1) n
    where extract(isodow from date_trunc('week', now())::date + 7 + n) < 6;
insert into availability_window (id, rule, organisation, specialist, during, grid_minutes,
        shortest_minutes, longest_minutes, buffer_before_minutes, buffer_after_minutes)
    select gen_random_uuid(), gen_random_uuid(), s.organisation, s.id,
        tstzrange(d.starts, d.starts + interval '6 hours'), 30, 30, 90, 0, 0
    from specialist s join unit u on u.id = s.unit and u.name = 'Sold time'
    cross join bench.day d;

-- Twelve starts a window, and three of five sold.
create table bench.slot as
    select w.specialist, w.organisation, w.id as availability_window, upper(w.during) as closes,
        lower(w.during) + k * interval '30 minutes' as starts, k,
        ('x' || substr(md5(w.id::text || k), 1, 7))::bit(28)::int % 5 < 3 as sold
    from availability_window w
    join specialist s on s.id = w.specialist
    join unit u on u.id = s.unit and u.name = 'Sold time'
    cross join generate_series(0, 11) k;
insert into start_time
    select t.specialist, t.starts, t.free_until, s.specialty, t.organisation,
        t.availability_window, interval '0', interval '0', 30, 90, null, null, not t.sold
    from (
        select x.*, coalesce(min(starts) filter (where sold) over (
            partition by availability_window order by k
            rows between current row and unbounded following), closes) as free_until
        from bench.slot x
    ) t join specialist s on s.id = t.specialist;
create table bench.sold as
    select x.*, gen_random_uuid() as reservation, gen_random_uuid() as booking, c.id as contract,
        c.buyer
    from bench.slot x
    join bench.contract c on c.seller = x.organisation and c.place < :sellers
    where x.sold;
insert into reservation (id, seller, specialist, occupied, availability_window, window_revision)
    select reservation, organisation, specialist,
        tstzrange(starts, starts + interval '30 minutes'), availability_window, 1
    from bench.sold;
insert into booking (id, reservation, contract, version, service, seller, buyer, specialist,
        planned, period, quote, state)
    select x.booking, x.reservation, x.contract, 1, y.service, x.organisation, x.buyer,
        x.specialist,
        tstzrange(x.starts, x.starts + interval '30 minutes'),
        billing_period(x.starts, 'Europe/Helsinki'), 10800, 'booked'
    from bench.sold x
    join specialist s on s.id = x.specialist
    join bench.specialty y on y.code = s.specialty;
insert into budget_counter (contract, period, seller, buyer, reserved, visits, minutes)
    select contract, period, seller, buyer, sum(quote), count(*), 30 * count(*)
    from booking group by 1, 2, 3, 4;

-- Free starts in a random order, each with one of the seller's contracts: what is to be booked.
create table bench.target as
    select n, contract, service, specialist, starts, token, jsonb_build_object(
        'ordinal', 0, 'credential_digest', '\x' || encode(sha256(convert_to(token, 'UTF8')), 'hex'),
        'operation', 'bookTime', 'idempotency_key', n::text,
        'body_digest', '\x' || encode(sha256(convert_to(n::text, 'UTF8')), 'hex'),
        'booking', gen_random_uuid(), 'reservation', gen_random_uuid(), 'contract', contract,
        'service', service, 'specialist', specialist, 'starts', starts, 'minutes', 30,
        'hold', false, 'patient_reference', null, 'record_reference', null) as request
    from (
        select row_number() over (order by md5(t.specialist::text || t.starts)) as n, t.*,
            c.id as contract, c.token, y.service
        from start_time t
        join bench.specialty y on y.code = t.specialty
        join lateral (select * from bench.contract c where c.seller = t.organisation
            order by md5(c.id::text || t.specialist || t.starts) limit 1) c on true
        where t.open and t.starts > now() + interval '7 days'
    ) x where n <= :targets;
alter table bench.target add primary key (n);
create sequence bench.next;
create table bench.asker as
    select row_number() over () as n, sha256(convert_to(b.token, 'UTF8')) as digest, b.token
    from bench.buyer b;
alter table bench.asker add primary key (n);
drop table bench.slot, bench.sold;
grant usage on schema bench to aikatori_app;
grant select on all tables in schema bench to aikatori_app;
grant usage on all sequences in schema bench to aikatori_app;
