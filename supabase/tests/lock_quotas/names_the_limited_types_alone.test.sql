begin;
select plan(1);

insert into public.plan_job_types (job_type, max_running, starts_per_minute)
values ('one', 5, null), ('two', null, 6), ('both', 8, 7), ('free', null, null), ('other', 1, 1);
select tests.make_job('job', p_job_type => 'one');
select tests.claim('claim 1', p_job_type => 'one');

select is(
  supajobs.lock_quotas('{one, two, both, free}'),
  '{"one": 4, "two": 6, "both": 7}',
  'of those asked for'
);

select * from finish();
rollback;
