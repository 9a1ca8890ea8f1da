begin;
select plan(1);

select tests.empty_outbox();
select tests.register('phone');
select tests.make_notification('job');
select tests.address();
delete from auth.users where id = tests.id('user a');

select is_empty(
  $$
    select id from public.plan_push_tokens where user_id = tests.id('user a')
    union all
    select id from supajobs.notifications where user_id = tests.id('user a')
    union all
    select id from supajobs.deliveries
  $$,
  'all of it'
);

select * from finish();
rollback;
