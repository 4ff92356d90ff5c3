-- Mail of alerts: one for a member who is to be told of several things, and where nothing is
-- urgent no more often than they chose.

-- What waits to be mailed to members who still act on it, at an address that has proven theirs.
create view alert_to_mail with (security_invoker = true) as
    select a.id, a.member, a.position, k.urgent
    from alert a
    join alert_kind k on k.kind = a.kind
    join member m on m.id = a.member and m.active and m.roles && k.roles
        and lower(m.confirmed_email) = lower(m.email)
    where a.by_mail and a.mailed_at is null and a.read_at is null
      and a.made_at > market_now() - interval '2 days';
grant select on alert_to_mail to aikatori_market;

-- The next member's alerts, marked as mailed in the caller's transaction, which puts the mail in
-- line. One server at a time. What was read meanwhile is not mailed, nor what is two days old, as
-- where mail could not be sent before; what is urgent goes first where there is more than fits.
create function take_alert_mail()
    returns table (
        organisation uuid, organisation_name text, member uuid, member_name text, email text,
        language text, time_zone text, alert uuid, kind text, subject_kind text, subject uuid,
        counterparty_name text, at timestamptz, made_at timestamptz)
    language plpgsql
as $$
declare
    chosen uuid;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('aikatori.alert_mail', 0)) then
        return;
    end if;
    select a.member into chosen
    from alert_to_mail a
    left join alert_setting s on s.member = a.member
    where (a.urgent or not exists (
        select from alert x where x.member = a.member
          and x.mailed_at > clock_timestamp()
            - make_interval(mins => coalesce(s.digest_minutes, 15))))
    order by a.position limit 1;
    if chosen is null then
        return;
    end if;
    return query
        with mailed as (
            update alert a set mailed_at = clock_timestamp()
            where a.id in (select w.id from alert_to_mail w where w.member = chosen
                order by w.urgent desc, w.position limit 50)
            returning a.*)
        select o.id, o.name, m.id, m.name, m.email, coalesce(s.language, 'fi'),
            (select u.time_zone from unit u where u.organisation = o.id order by u.id limit 1),
            a.id, a.kind, a.subject_kind, a.subject, c.name, a.at, a.made_at
        from mailed a
        join member m on m.id = a.member
        join organisation o on o.id = m.organisation
        left join organisation c on c.id = a.counterparty
        left join alert_setting s on s.member = m.id
        order by a.position;
end $$;

-- What is older than three months says nothing any more; the worker calls it.
create function forget_alerts() returns void
    language sql
as $$ delete from alert a where a.made_at < market_now() - interval '90 days' $$;

call give_to_market('take_alert_mail()', 'aikatori_app');
call give_to_market('forget_alerts()', 'aikatori_app');

insert into operation_role (operation, roles) values
    ('listAlerts', array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']),
    ('markAlertsRead',
        array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']),
    ('getAlertSettings',
        array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']),
    ('updateAlertSettings',
        array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']);
