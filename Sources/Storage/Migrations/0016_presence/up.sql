-- Who comes to a visit and who goes is told to both sides, so that whoever waits there sees it. A
-- sign of life changes nothing and is told to nobody.

-- Numbers what is told of a visit. Who calls it has locked the booking, so that no two tell under
-- one number.
create function next_visit_revision(of_booking uuid) returns bigint
    language sql stable
as $$
    select 1 + coalesce(max(revision), 0) from event
        where subject_kind = 'visit' and subject = of_booking
$$;

-- Locks the booking before the row refers to it: asked for later, it could wait for one who waits
-- for this.
create function presence_waits_its_turn() returns trigger
    language plpgsql
as $$
begin
    perform from booking where id = new.booking for no key update;
    return new;
end $$;
create trigger turn before insert on observation
    for each row when (new.kind <> 'heartbeat') execute function presence_waits_its_turn();

create function presence_is_told() returns trigger
    language plpgsql
as $$
declare
    is_sellers boolean := new.side = 'seller';
begin
    perform announce(
        case new.kind when 'join' then 'visit.joined' when 'leave' then 'visit.left'
            else 'visit.' || new.kind end,
        'visit', new.booking, next_visit_revision(new.booking),
        case when is_sellers then new.seller else new.buyer end,
        case when is_sellers then new.buyer else new.seller end);
    return null;
end $$;
create trigger told after insert on observation
    for each row when (new.kind <> 'heartbeat') execute function presence_is_told();

grant execute on function next_visit_revision(uuid), presence_waits_its_turn(), presence_is_told()
    to aikatori_app, aikatori_market;
