-- Documents of invoices: what they must say, and how they reach their buyer.

-- The remainder by 97 of digits and capital letters, A = 10 … Z = 35 (ISO 7064, MOD 97-10).
create function mod97(p_text text) returns int
    language sql immutable strict
as $$
    select mod(string_agg(
        case when c between '0' and '9' then c else (ascii(c) - 55)::text end, ''
        order by n)::numeric, 97)::int
    from unnest(string_to_array(p_text, null)) with ordinality as t(c, n)
$$;

-- An account with its check digits (ISO 13616).
create function iban_is_right(p_iban text) returns boolean
    language sql immutable strict
as $$
    select case when p_iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'
        then mod97(substr(p_iban, 5) || substr(p_iban, 1, 4)) = 1 else false end
$$;

-- A national reference number (weights 7, 3, 1 from the right), or one of ISO 11649.
create function reference_is_right(p_reference text) returns boolean
    language sql immutable strict
as $$
    select case
        when p_reference ~ '^RF[0-9]{2}[0-9A-Z]{1,21}$' then
            mod97(substr(p_reference, 5) || substr(p_reference, 1, 4)) = 1
        when p_reference ~ '^[1-9][0-9]{3,19}$' then (
            select mod(10 - mod(sum(c::int * (array[7, 3, 1])[1 + mod(n - 1, 3)]), 10), 10)
            from unnest(string_to_array(reverse(left(p_reference, -1)), null))
                with ordinality as t(c, n)) = right(p_reference, 1)::int
        else false end
$$;

-- What the official rules of e-invoices do not look at.
alter table invoice
    add constraint invoice_iban_right check (iban_is_right(iban)),
    add constraint invoice_reference_right check (reference_is_right(reference)),
    add constraint invoice_buyer_reference_there
        check (buyer_reference ~ '\S' or coalesce(order_reference, '') ~ '\S');

grant execute on function mod97(text), iban_is_right(text), reference_is_right(text)
    to aikatori_app, aikatori_market;

insert into operation_role (operation, roles) values
    ('getInvoiceFinvoice', array['finance', 'admin', 'auditor']),
    ('getInvoicePDF', array['finance', 'admin', 'auditor']);
