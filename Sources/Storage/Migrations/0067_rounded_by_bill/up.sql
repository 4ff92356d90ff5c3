-- Where a contract rounds by bill, a line of an invoice is a sum of exact amounts, rounded once.
-- Each charge line in it has its share of that, in whole cents.

-- Which line of the invoice it is a part of; of older invoices each is one by itself.
alter table invoice_line add column line int check (line > 0);

-- When the transaction commits: a line of several parts is of one text and price, comes to their
-- exact sum rounded once, and is of a contract that says so; one of a single part is that charge
-- line.
-- What the invoice differs by from its charges is posted, and nothing else as rounding.
create function invoice_rounds_rightly() returns trigger
    language plpgsql
as $$
declare
    difference bigint;
    posted bigint;
begin
    if exists (
        select from invoice_line l
            join charge_line c on (c.charge, c.number) = (l.charge, l.charge_line)
        where l.invoice = new.id
        group by coalesce(l.line, l.number)
        having sum(l.net) <> in_cents(sum(c.numerator), max(c.denominator), max(c.rounding))
            or count(distinct (c.text, c.unit, c.price_ten_thousandths, c.base_quantity,
                c.denominator, c.rounding)) > 1
            or count(*) > 1 and (
                select convert_from(v.document, 'UTF8')::jsonb #>> '{rounding,level}'
                from contract_version v
                where (v.contract, v.number) = (new.contract, new.version)) <> 'bill')
    then
        perform refuse('500', 'invoice_line_not_rounded_once');
    end if;
    select new.net - sum(c.net) into difference
        from invoice_line l join charge_line c on (c.charge, c.number) = (l.charge, l.charge_line)
        where l.invoice = new.id;
    select coalesce(sum(case p.side when 'debit' then p.amount else -p.amount end), 0) into posted
        from entry e join posting p on p.entry = e.id
        where e.kind = 'rounding' and e.seller = new.seller and e.subject = new.subject
          and (p.book, p.code) = (new.seller, 'unbilled_receivable');
    if posted is distinct from difference then
        perform refuse('500', 'rounding_not_posted');
    end if;
    return null;
end $$;
create constraint trigger with_rounding after insert on invoice
    deferrable initially deferred for each row execute function invoice_rounds_rightly();
-- it sums the postings of both books
call give_to_market('invoice_rounds_rightly()', 'aikatori_app');
