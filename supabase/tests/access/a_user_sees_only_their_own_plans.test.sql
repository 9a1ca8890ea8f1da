begin;
select plan(2);

select tests.make_user('user a');
select tests.make_user('user b');
insert into public.weekly_base_plans (user_id, plan)
values (tests.id('user a'), '{"of": "a"}'), (tests.id('user b'), '{"of": "b"}');

select tests.sign_in('user a');
select results_eq(
  $$select plan ->> 'of' from public.weekly_base_plans$$, array['a'], 'user a sees theirs'
);

reset role;
select tests.sign_in('user b');
select results_eq(
  $$select plan ->> 'of' from public.weekly_base_plans$$, array['b'], 'user b sees theirs'
);

select * from finish();
rollback;
