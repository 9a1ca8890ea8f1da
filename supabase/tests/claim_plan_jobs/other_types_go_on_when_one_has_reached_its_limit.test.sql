begin;
select plan(2);

insert into public.plan_job_types (job_type, max_running) values ('limited', 1);
select tests.make_job('limited ' || number, p_job_type => 'limited', p_priority => 9)
from generate_series(1, 3) as number;
select tests.make_job('free ' || number) from generate_series(1, 3) as number;

select is(
  jsonb_path_query_array(
    public.claim_plan_jobs(tests.id('claim 1'), 'worker 1', 3, '{limited, pgtap}')::jsonb,
    '$[*].trace_id'
  ),
  '["limited 1", "free 1", "free 2"]',
  'the worker is not kept idle'
);
select is(
  jsonb_path_query_array(
    public.claim_plan_jobs(tests.id('claim 2'), 'worker 1', 3, '{limited, pgtap}')::jsonb,
    '$[*].trace_id'
  ),
  '["free 3"]',
  'nor is the next'
);

select * from finish();
rollback;
