begin;
select plan(3);

insert into public.plan_job_types (job_type, notifies) values ('told', true);
select tests.make_job('before', p_job_type => 'told');
update public.plan_job_types set notifies = false where job_type = 'told';
select tests.make_job('after', p_job_type => 'told');

select is((tests.job('before')).notifies, true, 'a job keeps what it was requested with');
select is((tests.job('after')).notifies, false, 'an edit counts for the next');
select is(
  (select notifies from public.plan_job_types where job_type = 'training_plan'),
  true,
  'users are told of their training plans'
);

select * from finish();
rollback;
