select * from book((select jsonb_build_array(request) from bench.target
    where n = (select nextval('bench.next'))));
