begin;
select plan(3);

select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap');

select tests.refuses(
  'params_not_an_object',
  $$select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '[]')$$
);
select tests.refuses(
  'params_not_an_object',
  $$select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '"weeks"')$$
);
select tests.refuses(
  'params_not_an_object',
  $$select public.enqueue_plan_job(tests.id('user a'), 'pgtap', 'null')$$
);

select * from finish();
rollback;
