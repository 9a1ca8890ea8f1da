begin;
select plan(3);

insert into public.plan_job_types (job_type, max_running, starts_per_minute)
values ('pgtap', 5, 5);
select tests.make_job('job ' || number) from generate_series(1, 5) as number;
create temp table answer as select tests.claim('claim 1', 2) as claimed;

select is(
  tests.claim('claim 1', 2),
  (select claimed from answer),
  'the answer that was lost is given again'
);
select is((tests.job('job 3')).status, 'pending', 'the replay takes no further job');
select is(
  (select sum(jobs) from supajobs.starts where job_type = 'pgtap'),
  2::bigint,
  'and uses no start'
);

select * from finish();
rollback;
