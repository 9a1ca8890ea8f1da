begin;
select plan(1);

select tests.refuses(
  'ref_repeated',
  $$
    select public.enqueue_plan_jobs('[
      {"job_type": "pgtap", "ref": "one"}, {"job_type": "pgtap"}, {"job_type": "pgtap", "ref": "one"}
    ]')
  $$
);

select * from finish();
rollback;
