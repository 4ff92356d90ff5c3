-- How a round of netting is posted, and how what remains of it is paid.

-- Posts a round that is due and ends it, whole: what is set off, what remains between members, and
-- the entries of both. Nobody's position changes, and there are fewer payments than members.
create function post_netting(
    p_round uuid, p_set_offs jsonb, p_payments jsonb, p_entries jsonb) returns void
    language plpgsql
as $$
declare
    me uuid := current_organisation();
    item record;
begin
    perform lock_netting();
    if not exists (select from netting_member m
        where (m.round, m.organisation) = (p_round, me))
    then
        perform refuse('404', 'not_found');
    end if;
    if netting_is_due(p_round) is not true then
        perform refuse('500', 'netting_out_of_time');
    end if;
    insert into set_off (round, invoice, seller, buyer, amount, subject)
        select p_round, s.invoice, s.seller, s.buyer, s.amount, s.subject
        from jsonb_to_recordset(p_set_offs) as s(
            invoice uuid, seller uuid, buyer uuid, amount bigint, subject text);
    insert into net_payment (id, round, payee, payee_name, payer, payer_name, amount, iban,
            reference, due_on, subject)
        select p.id, p_round, p.payee, p.payee_name, p.payer, p.payer_name, p.amount, p.iban,
            p.reference, p.due_on, p.subject
        from jsonb_to_recordset(p_payments) as p(id uuid, payee uuid, payee_name text, payer uuid,
            payer_name text, amount bigint, iban text, reference text, due_on date, subject text);
    if exists (
        select from (
            select seller as organisation, amount from set_off where round = p_round
            union all select buyer, -amount from set_off where round = p_round
            union all select payee, -amount from net_payment where round = p_round
            union all select payer, amount from net_payment where round = p_round) moved
        group by organisation having sum(amount) <> 0)
        or (select count(*) from net_payment where round = p_round) >= (
            select greatest(count(distinct x.organisation), 1)
            from set_off s cross join lateral (values (s.seller), (s.buyer)) as x (organisation)
            where s.round = p_round)
    then
        perform refuse('500', 'netting_changes_a_position');
    end if;
    for item in
        select e.value as entry, e.value ->> 'seller' as seller
        from jsonb_array_elements(p_entries) with ordinality as e(value, number) order by e.number
    loop
        perform set_config('app.organisation', item.seller, true);
        perform post(jsonb_build_array(item.entry));
    end loop;
    perform set_config('app.organisation', me::text, true);
    for item in
        select s.*, (select coalesce(max(e.revision), 0) + 1 from event e
            where e.subject_kind = 'invoice' and e.subject = s.invoice) as revision
        from set_off s where s.round = p_round
    loop
        perform announce('invoice.set_off', 'invoice', item.invoice, item.revision, item.seller,
            item.buyer, jsonb_build_object('amount', (item.amount / 100.0)::numeric(20, 2)::text));
        perform audit('invoice', item.invoice, item.seller, item.buyer);
    end loop;
    -- who owes something now is told
    for item in
        select p.payer, p.amount, p.due_on, row_number() over (order by p.payer) + (
            select coalesce(max(e.revision), 0) from event e
            where e.subject_kind = 'netting_round' and e.subject = p_round) as revision
        from (select payer, sum(amount) as amount, min(due_on) as due_on from net_payment
            where round = p_round group by payer) p
    loop
        perform announce('netting.payment_due', 'netting_round', p_round, item.revision,
            item.payer, null, jsonb_build_object('due_on', item.due_on,
                'amount', (item.amount / 100.0)::numeric(20, 2)::text));
    end loop;
    update netting_member set state = case
            when exists (select from set_off s where s.round = p_round) then 'posted'
            else 'lapsed' end
        where round = p_round;
end $$;

-- What is set off, remains and is paid is posted in both books, when the transaction commits.
create function netting_posted() returns trigger
    language plpgsql
as $$
declare
    row_of jsonb := to_jsonb(new);
begin
    if (select sum(p.amount) from entry e join posting p on p.entry = e.id
        where e.kind = tg_argv[0] and e.subject = new.subject
          and e.seller = (row_of ->> tg_argv[1])::uuid and e.buyer = (row_of ->> tg_argv[2])::uuid
          and p.code in (tg_argv[3], tg_argv[4]))
        is distinct from 2 * new.amount
    then
        perform refuse('500', 'netting_not_posted');
    end if;
    return null;
end $$;
create constraint trigger posted after insert on set_off deferrable initially deferred
    for each row execute function netting_posted(
        'set_off', 'seller', 'buyer', 'receivable', 'payable');
create constraint trigger posted after insert on net_payment deferrable initially deferred
    for each row execute function netting_posted(
        'net_claim', 'payee', 'payer', 'clearing_receivable', 'clearing_payable');
create constraint trigger posted after insert on net_payment_received
    deferrable initially deferred for each row execute function netting_posted(
        'net_payment', 'payee', 'payer', 'clearing_receivable', 'clearing_payable');

create function set_off_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return exists (select from set_off s
        where s.subject = e.subject
          and s.invoice = identified('invoice', split_part(e.subject, '/', 1))
          and s.round = identified('netting', split_part(e.subject, '/', 2))
          and (s.seller, s.buyer) = (e.seller, e.buyer) and -s.amount = debited(e, 'receivable'));
end $$;

create function net_claim_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return exists (select from net_payment p
        where p.subject = e.subject and p.id = identified('netpayment', e.subject)
          and (p.payee, p.payer) = (e.seller, e.buyer)
          and p.amount = debited(e, 'clearing_receivable'));
end $$;

create function net_payment_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return exists (select from net_payment_received r
        where r.subject = e.subject
          and r.net_payment = identified('netpayment', split_part(e.subject, '/', 1))
          and r.bank_entry = identified('bankentry', split_part(e.subject, '/', 2))
          and (r.payee, r.payer) = (e.seller, e.buyer)
          and -r.amount = debited(e, 'clearing_receivable'));
end $$;

-- Exactly it, on the payee's own account, by an entry that names it or that waits, and that
-- settles nothing else.
create function net_payment_received_rules() returns trigger
    language plpgsql
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('aikatori.apply ' || new.bank_entry, 0));
    if current_organisation() is distinct from new.payee then
        perform refuse('403', 'not_your_side');
    end if;
    if not exists (select from net_payment p join bank_entry b on b.organisation = p.payee
        where (p.id, p.payee, p.payer, p.amount)
                = (new.net_payment, new.payee, new.payer, new.amount)
          and b.id = new.bank_entry and (b.net_payment = p.id or b.fate = 'waiting')
          and b.direction = 'credit'
          and b.currency = 'EUR' and b.hundred_thousandths = p.amount * 1000)
    then
        perform refuse('500', 'another_net_payment');
    end if;
    if exists (select from allocation a where a.bank_entry = new.bank_entry)
        or exists (select from bank_entry_aside a where a.bank_entry = new.bank_entry)
    then
        perform refuse('409', 'bank_entry_used_up');
    end if;
    return new;
end $$;
create trigger rules before insert on net_payment_received
    for each row execute function net_payment_received_rules();

create function allocation_beside_net_payments() returns trigger
    language plpgsql
as $$
begin
    if exists (select from net_payment_received r where r.bank_entry = new.bank_entry) then
        perform refuse('409', 'bank_entry_used_up');
    end if;
    return new;
end $$;
-- after `within`, which takes the bank entry
create trigger within_netting before insert on allocation
    for each row execute function allocation_beside_net_payments();

grant execute on function lock_netting(), netting_figure(uuid, uuid), netting_is_due(uuid),
    netting_answer_rules(), set_off_rules(), netting_posted(), net_payment_received_rules(),
    allocation_beside_net_payments()
    to aikatori_app, aikatori_market;
grant execute on function set_off_has_cause(entry), net_claim_has_cause(entry),
    net_payment_has_cause(entry)
    to aikatori_market;
call give_to_market('propose_netting(uuid, uuid, timestamptz)', 'aikatori_app');
call give_to_market('netting_is_due(uuid)', 'aikatori_app');
call give_to_market('netting_claims(uuid)', 'aikatori_app');
call give_to_market('post_netting(uuid, jsonb, jsonb, jsonb)', 'aikatori_app');
call give_to_market('netting_posted()');

insert into alert_kind (kind, roles, mails, urgent) values
    ('netting_proposed', array['finance'], true, false),
    ('net_payment_due', array['finance'], true, false);
insert into alert_rule (event_kind, alert_kind, whom) values
    ('netting.proposed', 'netting_proposed', 'own'),
    ('netting.payment_due', 'net_payment_due', 'own');

insert into operation_role (operation, roles) values
    ('listNettingRounds', array['finance', 'admin', 'auditor']),
    ('proposeNetting', array['finance']),
    ('getNettingRound', array['finance', 'admin', 'auditor']),
    ('answerNetting', array['finance']);
