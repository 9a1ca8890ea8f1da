begin;
select plan(4);

-- As if the statement had run out of its time there.
create function tests.time_out() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  raise query_canceled using message = 'canceling statement due to statement timeout';
end
$$;
select tests.make_job('parent');
select tests.make_child('child', array['parent']);
select tests.claim('claim 1');
select tests.fail('parent', 'claim 1', p_retryable => false);
select tests.make_job('other');
create trigger slow before update on public.plan_generation_jobs
for each row when (new.trace_id = 'child') execute function tests.time_out();

select is(tests.claim_names('claim 2', 9), array['other'], 'the claim takes what it may');
select is((tests.job('child')).status, 'pending', 'what took too long is undone');
select ok(
  (select bool_and(is_stuck) from supajobs.news where job_id = (tests.job('parent')).id),
  'and set aside'
);

drop trigger slow on public.plan_generation_jobs;
update supajobs.sweeps set swept_at = '-infinity';
select tests.claim('claim 3');
select is((tests.job('child')).status, 'cancelled', 'the next sweep has it tried again');

select * from finish();
rollback;
