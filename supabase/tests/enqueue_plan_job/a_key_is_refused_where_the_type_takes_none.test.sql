begin;
select plan(2);

select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap');

select tests.refuses(
  'provider_key_not_allowed',
  $$
    select public.enqueue_plan_job(
      tests.id('user a'), 'pgtap', '{}', p_provider_key => 'ciphertext'
    )
  $$
);
select is_empty(
  $$select 1 from public.plan_generation_jobs where job_type = 'pgtap'$$,
  'rather than run on a key that the user did not mean'
);

select * from finish();
rollback;
