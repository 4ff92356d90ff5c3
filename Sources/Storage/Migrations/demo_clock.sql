-- A clock that can be shifted: for a demo or a test, never where a real organisation is.
do $$
begin
    if exists (select from organisation where not is_example) then
        perform refuse('409', 'not_a_demo');
    end if;
end $$;

create table if not exists demo_clock (
    only_one boolean primary key default true check (only_one),
    shift_microseconds bigint not null default 0
);
insert into demo_clock default values on conflict do nothing;
grant select on demo_clock to aikatori_app, aikatori_market, aikatori_reader;

-- In PL/pgSQL, which plans once a session: SQL would plan anew at each of its many calls.
create or replace function market_now() returns timestamptz
    language plpgsql volatile parallel restricted
as $$
begin
    return (
        select clock_timestamp() + c.shift_microseconds * interval '1 microsecond'
        from public.demo_clock c);
end $$;
