\set buyer random(1, 150)
\set kind random(101, 109)
\set ahead random(:nearest, :farthest)
\startpipeline
select * from enter((select digest from bench.asker where n = :buyer), 'findTimes');
select jsonb_agg(t) from find_times(null, :kind::text, null, null, null,
    date_trunc('hour', now()) + make_interval(days => :ahead),
    date_trunc('hour', now()) + make_interval(days => :ahead + 14),
    30, null, null, null, null, 51) t;
\endpipeline
