begin;
select plan(2);

select tests.empty_queue();
select tests.make_job('a' || number, 'user a', p_run_at => now() + interval '1 minute')
from generate_series(1, 60) as number;
update public.plan_generation_jobs
set created_at = now() - interval '1 hour', run_at = now() - interval '1 second'
where user_id = tests.id('user a');
select supajobs.promote_due_jobs(20);
select supajobs.promote_due_jobs(20);
select supajobs.promote_due_jobs(20);
select tests.make_job('b', 'user b');

select is(
  (
    select array_agg(turn order by turn) from public.plan_generation_jobs
    where user_id = tests.id('user a')
  ),
  array(select number::bigint from generate_series(0, 59) as number),
  'however few of them a claim promotes at a time'
);
select is((tests.claim_names('claim 1', 2))[2], 'b', 'so that another comes next');

select * from finish();
rollback;
