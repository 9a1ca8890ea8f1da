begin;
select plan(2);

select tests.empty_queue();
select tests.make_job('job ' || number, p_run_at => now() + interval '1 hour')
from generate_series(1, 5) as number;
update public.plan_generation_jobs
set run_at = now() - make_interval(secs => right(trace_id, 1)::integer)
where job_type = 'pgtap';

select is(supajobs.promote_due_jobs(2), 2, 'two of five');
select results_eq(
  'select trace_id from public.plan_generation_jobs where turn is not null order by turn',
  array['job 5', 'job 4'],
  'those that have been due longest'
);

select * from finish();
rollback;
