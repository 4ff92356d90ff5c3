select set_config('app.organisation', seller::text, true), post(entries) from bench.posting_call
    where n = (select nextval('bench.next_posting_call'));
