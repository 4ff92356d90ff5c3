-- Visits that a buyer books together: all of them, or the best that can be had.

-- Decides on all under the locks of all, in the order of their starts, so that each counts for those
-- after it. Nothing of it stays where it is only looked at (`p_look`), where one cannot be had and all
-- are wanted (`p_whole`), or where none can be had; what was decided on each is answered all the same.
create function book_series(
    p_requests jsonb, p_series uuid, p_whole boolean, p_look boolean,
    out is_booked boolean, out visits jsonb
)
    language plpgsql
as $$
declare
    requests booking_request[] := '{}';
    r booking_request;
    overdue uuid[];
    now timestamptz;
    result jsonb;
    refused int := 0;
begin
    for r in
        select q.* from jsonb_to_recordset(p_requests) as q(
            ordinal int, credential_digest bytea, operation text, idempotency_key text,
            body_digest bytea, booking uuid, reservation uuid, contract uuid, service text,
            specialist uuid, starts timestamptz, minutes int, hold boolean,
            patient_reference text, record_reference text, organisation uuid, period text,
            series uuid)
        order by q.specialist, q.starts, q.ordinal
    loop
        r.organisation := current_organisation();
        r.hold := false;
        r.series := p_series;
        select billing_period(r.starts, v.time_zone) into r.period from contract_version v
            where v.contract = r.contract and v.buyer = r.organisation
              and v.signed_at is not null and v.effective @> r.starts;
        requests := requests || r;
    end loop;
    visits := '[]';
    begin
        overdue := lock_for_booking(requests);
        now := market_now();
        foreach r in array requests loop
            result := book_one(r, now, overdue);
            if result ? 'refusal' then
                refused := refused + 1;
            else
                result := jsonb_build_object('booking', booking_answer(r.booking));
            end if;
            visits := visits || (result || jsonb_build_object(
                'starts', (extract(epoch from r.starts) * 1000000)::bigint));
        end loop;
        if (p_look or refused > 0 and p_whole or refused = cardinality(requests)) then
            raise exception using errcode = 'AK000';
        end if;
        is_booked := true;
    exception when sqlstate 'AK000' then
        is_booked := false;
    end;
end $$;
call give_to_market('book_series(jsonb, uuid, boolean, boolean)', 'aikatori_app');

insert into operation_role (operation, roles) values ('bookSeries', array['scheduler']);
