begin;
select plan(1);

insert into public.plan_job_types (job_type, max_running) values ('limited', 5);
select tests.make_job('limited 9', p_job_type => 'limited', p_priority => 9);
select tests.make_job('limited 8', p_job_type => 'limited', p_priority => 8);
select tests.make_job('free 5');

select is(
  jsonb_path_query_array(
    public.claim_plan_jobs(tests.id('claim 1'), 'worker 1', 2, '{limited, pgtap}')::jsonb,
    '$[*].trace_id'
  ),
  '["limited 9", "limited 8"]',
  'in its second lane too'
);

select * from finish();
rollback;
