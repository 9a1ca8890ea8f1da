begin;
select plan(4);

select tests.empty_outbox();
create temporary table before as select tests.register('phone') #>> '{push_token, id}' as id;
select is(tests.register('phone', 'user b') ->> 'outcome', 'created', 'new to user b');

select is((tests.device('phone')).user_id, tests.id('user b'), 'theirs');
select isnt((tests.device('phone')).id::text, (select id from before), 'under another id');
select is((select count(*)::integer from public.plan_push_tokens), 1, 'and nobody else''s');

select * from finish();
rollback;
