select * from book((select jsonb_build_array(request) from bench.target
    where n = nextval('bench.next')));
