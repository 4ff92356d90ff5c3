-- A month is priced again also where the amount stays, and the treatment of VAT does not.

-- A charge that replaces another is about the same, and has its cause: what a dispute came to, by
-- the same version; or a version with days that hold the visit's, which both signed after it began
-- and by which it comes to another amount or to another VAT. What was signed before a visit never
-- prices it again: its booking froze the price.
create or replace function charge_replaces() returns trigger
    language plpgsql
as $$
declare
    was charge;
begin
    select * into was from charge c where c.id = new.replaces;
    if (new.booking, new.block, new.seller, new.buyer, new.contract, new.service, new.cause,
            new.period, new.served_on, new.billable_seconds)
        is distinct from (was.booking, was.block, was.seller, was.buyer, was.contract, was.service,
            was.cause, was.period, was.served_on, was.billable_seconds)
    then
        perform refuse('500', 'replaces_another_charge');
    end if;
    if exists (select from rating_again_line l
        where l.charge = new.id and l.replaced = was.id)
    then
        if new.cause not in ('visit', 'no_show', 'late_cancellation')
            or new.net = was.net and (new.net = 0 or invoice_vat(new.contract, new.version)
                = invoice_vat(was.contract, was.version))
            or not exists (select from contract_version v join booking b on b.id = new.booking
                where v.contract = new.contract and v.number = new.version
                  and v.number <> was.version and v.effective @> lower(b.planned)
                  and v.signed_at > lower(b.planned))
        then
            perform refuse('500', 'rated_by_another_version');
        end if;
        return new;
    end if;
    if new.version is distinct from was.version or not exists (select from dispute d
        where d.charge = was.id and d.state = 'settled' and d.correction = new.id
          and d.agreed = new.net)
    then
        perform refuse('409', 'replaced_without_cause');
    end if;
    return new;
end $$;
