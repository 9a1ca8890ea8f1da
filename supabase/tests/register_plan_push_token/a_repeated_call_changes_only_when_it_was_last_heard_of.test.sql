begin;
select plan(4);

select tests.empty_outbox();
select tests.register('phone');
update public.plan_push_tokens
set created_at = now() - interval '1 day', registered_at = now() - interval '1 day'
where token = 'phone';
create temporary table before as select * from tests.device('phone');
select is(tests.register('phone') ->> 'outcome', 'existing', 'existing');

select is((tests.device('phone')).id, (select id from before), 'the same id');
select is((tests.device('phone')).created_at, (select created_at from before), 'as old as it was');
select is((tests.device('phone')).registered_at > now(), true, 'and there');

select * from finish();
rollback;
