begin;
select plan(4);

insert into public.plan_job_types (job_type, max_enqueues, enqueue_window_seconds)
values ('pgtap few', 1, 600);
select tests.make_job('few', p_job_type => 'pgtap few');
select tests.make_job('parent');
select tests.claim('claim 1');
create temp table first as
select
  public.enqueue_plan_job_step(
    (tests.job('parent')).id, tests.id('claim 1'), 'sound', '{"job_type": "pgtap few"}'
  ) as told;
select is((select told ->> 'outcome' from first), 'rate_limited', 'as for any request');
select ok((select (told ->> 'retry_after')::integer from first) > 500, 'with the time to wait');
select is(tests.found('parent', 'claim 1') -> 'steps', '{}', 'no step is kept');
update public.plan_job_types set max_enqueues = 2 where job_type = 'pgtap few';
select is(
  public.enqueue_plan_job_step(
    (tests.job('parent')).id, tests.id('claim 1'), 'sound', '{"job_type": "pgtap few"}'
  ) ->> 'outcome',
  'created',
  'it can be asked again'
);

select * from finish();
rollback;
