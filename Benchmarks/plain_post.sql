\set one random(1, 5000)
\set other random(5001, 10000)
with e as (insert into bench.plain_entry (subject) values ('charge') returning id),
    p as (insert into bench.plain_posting select e.id, v.account, v.amount
        from e, (values (:one::int, 100::bigint), (:other::int, -100::bigint)) v(account, amount))
    update bench.plain_account a set balance = balance + v.amount
    from (values (:one::int, 100::bigint), (:other::int, -100::bigint)) v(account, amount)
    where a.id = v.account;
