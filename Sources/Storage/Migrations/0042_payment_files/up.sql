-- Payments out: a buyer's invoices are approved one by one, put into a file for its bank, and the
-- file is approved by a second person above the organisation's limit. What the bank answers is
-- kept beside each payment. It confirms only: an invoice is settled by the seller's own statement.

create table payment_limit (
    organisation uuid primary key references organisation (id),
    -- files above it take two people; without a row, every file does
    above bigint not null check (above >= 0),
    set_at timestamptz not null default market_now()
);
call protect('payment_limit', 'organisation');
grant select, insert, update on payment_limit to aikatori_app;

-- One person says that an invoice is to be paid.
create table payment_approval (
    invoice uuid primary key references invoice (id),
    organisation uuid not null references organisation (id),
    member uuid not null,
    approved_at timestamptz not null default market_now()
);
call protect('payment_approval', 'organisation');
call append_only('payment_approval');
grant select, insert on payment_approval to aikatori_app;

create function approval_by_buyer() returns trigger
    language plpgsql
as $$
begin
    if not exists (select from invoice i
        where (i.id, i.buyer) = (new.invoice, new.organisation))
        or new.member is distinct from current_member()
    then
        perform refuse('500', 'payment_approval_of_another');
    end if;
    return new;
end $$;
create trigger by_buyer before insert on payment_approval
    for each row execute function approval_by_buyer();

create table payment_file (
    id uuid primary key,
    organisation uuid not null references organisation (id),
    -- MsgId of pain.001: made once, and never again
    message_id text not null check (message_id ~ '^[A-Za-z0-9-]{1,35}$'),
    iban text not null,
    execution_on date not null,
    total bigint not null check (total > 0),
    proposed_by uuid not null,
    proposed_at timestamptz not null default market_now(),
    approved_by uuid,
    approved_at timestamptz,
    withdrawn_at timestamptz,
    -- pain.001 as it was made at the approval
    document bytea,
    unique (organisation, message_id),
    check ((approved_by is null) = (approved_at is null)),
    check ((approved_by is null) = (document is null))
);
create index payment_file_of_organisation on payment_file (organisation, id);
call protect('payment_file', 'organisation');
grant select, insert on payment_file to aikatori_app;
grant update (approved_by, approved_at, withdrawn_at, document) on payment_file to aikatori_app;

-- One payment of a file: one invoice, at what was open of it.
create table payment_order (
    file uuid not null references payment_file (id),
    number int not null check (number > 0),
    organisation uuid not null references organisation (id),
    invoice uuid not null references payment_approval (invoice),
    amount bigint not null check (amount > 0),
    end_to_end text not null check (end_to_end ~ '^[A-Za-z0-9-]{1,35}$'),
    state text not null default 'pending'
        check (state in ('pending', 'accepted', 'rejected', 'withdrawn')),
    -- the bank's code and words of a rejection
    code text check (length(code) between 1 and 35),
    words text check (length(words) <= 1000),
    primary key (file, number),
    unique (file, invoice),
    unique (organisation, end_to_end)
);
-- each invoice in one live file at most
create unique index payment_order_live on payment_order (invoice)
    where state in ('pending', 'accepted');
call protect('payment_order', 'organisation');
grant select, insert on payment_order to aikatori_app;
grant update (state, code, words) on payment_order to aikatori_app;

-- The bank's answers that were read, each once.
create table payment_answer (
    file uuid not null references payment_file (id),
    digest bytea not null check (length(digest) = 32),
    organisation uuid not null references organisation (id),
    read_at timestamptz not null default market_now(),
    primary key (file, digest)
);
call protect('payment_answer', 'organisation');
call append_only('payment_answer');
grant select, insert on payment_answer to aikatori_app;

-- A file is proposed by one person, and approved once: above the limit by another person, and by
-- who acts. What it says never changes.
create function payment_file_rules() returns trigger
    language plpgsql
as $$
declare
    free_up_to bigint;
begin
    if tg_op = 'INSERT' then
        if new.proposed_by is distinct from current_member() or new.approved_by is not null
            or new.withdrawn_at is not null
        then
            perform refuse('500', 'payment_file_of_another');
        end if;
        return new;
    end if;
    if old.withdrawn_at is not null then
        perform refuse('409', 'payment_file_withdrawn');
    end if;
    if old.approved_by is not null
        and (new.approved_by, new.approved_at, new.document)
            is distinct from (old.approved_by, old.approved_at, old.document)
    then
        perform refuse('409', 'payment_file_approved');
    end if;
    if old.approved_by is null and new.approved_by is not null then
        select coalesce(max(l.above), 0) into free_up_to from payment_limit l
            where l.organisation = new.organisation;
        if new.approved_by is distinct from current_member() then
            perform refuse('500', 'payment_file_of_another');
        end if;
        if new.approved_by = new.proposed_by and new.total > free_up_to then
            perform refuse('403', 'second_person_needed',
                jsonb_build_object('above', free_up_to));
        end if;
    end if;
    return new;
end $$;
create trigger rules before insert or update on payment_file
    for each row execute function payment_file_rules();
create trigger stays before delete on payment_file
    for each row execute function refuse_change();

-- An order pays what its organisation owes, no more than is open, under an approval of its own,
-- and moves forward only.
create function payment_order_rules() returns trigger
    language plpgsql
as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'pending' or not exists (
            select from payment_file f
                join payment_approval p on (p.invoice, p.organisation)
                    = (new.invoice, f.organisation)
                join invoice i on (i.id, i.buyer) = (new.invoice, f.organisation)
                join invoice_balance b on b.invoice = i.id
            where (f.id, f.organisation) = (new.file, new.organisation)
              and f.approved_by is null and new.amount <= b.open)
        then
            perform refuse('409', 'not_payable');
        end if;
        return new;
    end if;
    if new.state = old.state and (new.code, new.words) is not distinct from (old.code, old.words)
    then
        return new;
    end if;
    if (old.state, new.state) not in (('pending', 'accepted'), ('pending', 'rejected'),
        ('accepted', 'rejected'), ('pending', 'withdrawn'))
    then
        perform refuse('500', 'payment_order_moves_forward');
    end if;
    return new;
end $$;
create trigger rules before insert or update on payment_order
    for each row execute function payment_order_rules();
create trigger stays before delete on payment_order
    for each row execute function refuse_change();

-- The total of a file is that of its orders, and it has one at least.
create function payment_file_adds_up() returns trigger
    language plpgsql
as $$
begin
    if new.total is distinct from (
        select sum(o.amount) from payment_order o where o.file = new.id)
    then
        perform refuse('500', 'payment_file_adds_up');
    end if;
    return null;
end $$;
create constraint trigger adds_up after insert on payment_file
    deferrable initially deferred for each row execute function payment_file_adds_up();

grant execute on function approval_by_buyer(), payment_file_rules(), payment_order_rules(),
    payment_file_adds_up()
    to aikatori_app;

insert into operation_role (operation, roles) values
    ('listPayables', array['finance', 'admin', 'auditor']),
    ('setPaymentLimit', array['admin']),
    ('approveInvoicePayment', array['finance', 'admin']),
    ('listPaymentFiles', array['finance', 'admin', 'auditor']),
    ('getPaymentFile', array['finance', 'admin', 'auditor']),
    ('getPaymentFileDocument', array['finance', 'admin', 'auditor']),
    ('importPaymentStatus', array['finance']),
    ('approvePaymentFile', array['finance', 'admin']),
    ('withdrawPaymentFile', array['finance', 'admin']),
    ('proposePaymentFile', array['finance']);
