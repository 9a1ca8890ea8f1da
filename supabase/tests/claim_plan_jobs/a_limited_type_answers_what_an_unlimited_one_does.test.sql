begin;
select plan(1);

select tests.make_job('free');
insert into public.plan_job_types (job_type, max_running) values ('limited', 5);
select tests.make_job('limited', p_job_type => 'limited');

select bag_eq(
  $$select jsonb_object_keys(tests.claim('claim 1') -> 0)$$,
  $$select jsonb_object_keys(tests.claim('claim 2', p_job_type => 'limited') -> 0)$$,
  'the same fields'
);

select * from finish();
rollback;
