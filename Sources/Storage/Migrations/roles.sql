-- The roles of a cluster: run once by a superuser (the private cluster does it by itself;
-- for a database of your own see docs/operating.md). Safe to run again.
do $$
declare
    wanted record;
begin
    for wanted in
        select * from (values
            -- migrates, owns and dumps; sees every row; never serves. It inherits, because the
            -- right to create in schema public comes to a database's owner by membership
            ('aikatori_owner', 'login bypassrls inherit'),
            -- serves: owns nothing, bypasses nothing
            ('aikatori_app', 'login noinherit'),
            -- owns the few functions that act for two or many organisations
            ('aikatori_market', 'nologin noinherit'),
            -- reads for `verify` and `export`
            ('aikatori_reader', 'login noinherit')
        ) as roles(name, attributes)
    loop
        if not exists (select from pg_roles where rolname = wanted.name) then
            execute format('create role %I %s', wanted.name, wanted.attributes);
        end if;
    end loop;
end $$;

-- ALTER FUNCTION ... OWNER TO needs membership in the new owner.
grant aikatori_market to aikatori_owner;
