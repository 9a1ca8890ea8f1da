begin;
select plan(4);

select tests.empty_outbox();
select tests.register('device ' || n) from generate_series(1, 20) as n;
select tests.register('of user b', 'user b');
select tests.register('device 1');
select is((select count(*)::integer from public.plan_push_tokens), 21, 'there is room for 20');

select tests.register('device 21');
select is((tests.device('device 2')).id, null, 'the one that was not heard of for longest goes');
select isnt((tests.device('device 1')).id, null, 'not the one that came first');
select is((select count(*)::integer from public.plan_push_tokens), 21, 'nor more than one');

select * from finish();
rollback;
