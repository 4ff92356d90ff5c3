-- Specialists who are at hand now, for whoever needs someone at once. It says nothing of what is on
-- sale: that stays availability.

create table present_specialist (
    specialist uuid primary key,
    organisation uuid not null,
    since timestamptz not null default market_now(),
    until timestamptz not null check (until > since and until <= since + interval '24 hours'),
    foreign key (organisation, specialist) references specialist (organisation, id)
);
call protect('present_specialist', 'organisation');
grant select, insert, delete, update (since, until) on present_specialist to aikatori_app;
grant select on present_specialist to aikatori_market;

insert into operation_role (operation, roles) values
    ('listPresentSpecialists', array['scheduler', 'specialist']),
    ('sayPresent', array['scheduler', 'specialist']),
    ('sayAbsent', array['scheduler', 'specialist']);
