-- Interest on what was paid late: the rates, what was charged, and its entries in the ledger.

-- The reference rates of the Interest Act (633/1982, § 12), half-year by half-year, in hundredths
-- of a per cent. Whoever runs the market adds the next one (aikatori reference-rate); a debt that
-- meets a half-year without one is not computed.
create table reference_rate (
    starts_on date primary key
        check (extract(day from starts_on) = 1 and extract(month from starts_on) in (1, 7)),
    basis_points int not null check (basis_points between 0 and 10000),
    source text not null check (length(source) between 1 and 500),
    recorded_at timestamptz not null default clock_timestamp()
);
call append_only('reference_rate');
grant select on reference_rate to aikatori_app, aikatori_market, aikatori_reader;
insert into reference_rate (starts_on, basis_points, source)
    select starts_on::date, basis_points,
        'Bank of Finland, reference rate and penalty interest rates, suomenpankki.fi'
    from (values ('2022-01-01', 0), ('2022-07-01', 0), ('2023-01-01', 250), ('2023-07-01', 400),
        ('2024-01-01', 450), ('2024-07-01', 450), ('2025-01-01', 350))
        as r (starts_on, basis_points);

-- Interest on a claim of its own: what is open of an invoice stays what was invoiced.
insert into chart_account (code, normal_side, mirror) values
    ('interest_receivable', 'debit', 'interest_payable'),
    ('interest_payable', 'credit', 'interest_receivable'),
    ('interest_income', 'credit', null),
    ('interest_expense', 'debit', null);
insert into entry_rule (kind, party, account, side) values
    ('late_interest', 'seller', 'interest_receivable', 'debit'),
    ('late_interest', 'seller', 'interest_income', 'credit'),
    ('late_interest', 'buyer', 'interest_expense', 'debit'),
    ('late_interest', 'buyer', 'interest_payable', 'credit');
insert into entry_rule (kind, party, account, side)
    select 'reversal', party, account, case side when 'debit' then 'credit' else 'debit' end
    from entry_rule where kind = 'late_interest';

-- Interest that the seller charged: for each day of an invoice at most once. `document` says how it
-- was computed, `digest` is its SHA-256.
create table late_interest (
    id uuid primary key,
    invoice uuid not null references invoice (id),
    seller uuid not null,
    buyer uuid not null,
    first_day date not null,
    last_day date not null check (last_day >= first_day),
    amount bigint not null check (amount > 0),
    -- its TypeID, the subject of its entry in the ledger
    subject text not null unique,
    document bytea not null,
    digest bytea not null check (digest = sha256(document)),
    recorded_at timestamptz not null default market_now(),
    exclude using gist (invoice with =, daterange(first_day, last_day, '[]') with &&)
);
create index late_interest_of_invoice on late_interest (invoice, first_day);
call protect('late_interest', 'seller', 'buyer');
call append_only('late_interest');
grant select, insert on late_interest to aikatori_app;
grant select on late_interest to aikatori_market;

-- The seller's to charge, for days after the due date that have been.
create function late_interest_rules() returns trigger
    language plpgsql
as $$
begin
    if current_organisation() is distinct from new.seller then
        perform refuse('403', 'not_your_side');
    end if;
    -- payments of the invoice wait, as it does for them
    perform pg_advisory_xact_lock(hashtextextended('aikatori.settle ' || new.invoice, 0));
    if not exists (select from invoice i
        join contract_version v on v.contract = i.contract and v.number = i.version
        where i.id = new.invoice and (i.seller, i.buyer) = (new.seller, new.buyer)
          and new.first_day > i.due_on
          and new.last_day <= (market_now() at time zone v.time_zone)::date)
    then
        perform refuse('500', 'interest_out_of_time');
    end if;
    return new;
end $$;
create trigger rules before insert on late_interest
    for each row execute function late_interest_rules();

-- What is charged is posted in both books, when the transaction commits.
create function late_interest_posted() returns trigger
    language plpgsql
as $$
begin
    if (select sum(p.amount) from entry e join posting p on p.entry = e.id
        where e.kind = 'late_interest' and e.subject = new.subject
          and (e.seller, e.buyer) = (new.seller, new.buyer)
          and p.code in ('interest_receivable', 'interest_payable'))
        is distinct from 2 * new.amount
    then
        perform refuse('500', 'interest_not_posted');
    end if;
    return null;
end $$;
create constraint trigger posted after insert on late_interest
    deferrable initially deferred for each row execute function late_interest_posted();

-- And nothing is posted that was not charged.
create function interest_has_cause() returns trigger
    language plpgsql
as $$
begin
    if not exists (select from late_interest l
        where l.subject = new.subject and l.id = identified('interest', new.subject)
          and (l.seller, l.buyer) = (new.seller, new.buyer)
          and l.amount = (select sum(p.amount) from posting p
              where p.entry = new.id and p.code = 'interest_receivable'))
    then
        perform refuse('500', 'entry_without_cause', jsonb_build_object('entry', new.id));
    end if;
    return null;
end $$;
drop trigger has_cause on entry;
create constraint trigger has_cause after insert on entry
    deferrable initially deferred for each row when (new.kind <> 'late_interest')
    execute function entry_has_cause();
create constraint trigger interest_has_cause after insert on entry
    deferrable initially deferred for each row when (new.kind = 'late_interest')
    execute function interest_has_cause();

grant execute on function late_interest_rules(), late_interest_posted(), interest_has_cause()
    to aikatori_app, aikatori_market;
call give_to_market('late_interest_posted()');
call give_to_market('interest_has_cause()');

insert into operation_role (operation, roles) values
    ('getLateInterest', array['finance', 'admin', 'auditor']),
    ('chargeLateInterest', array['finance']);
