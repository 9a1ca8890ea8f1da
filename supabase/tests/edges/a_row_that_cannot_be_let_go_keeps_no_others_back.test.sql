begin;
select plan(3);

select tests.make_job('parent 1');
select tests.make_job('parent 2', 'user b');
select tests.make_child('child 1', array['parent 1']);
select tests.make_child('child 2', array['parent 2'], p_user => 'user b');
create function tests.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'not this one';
end
$$;
create trigger refuse before update on public.plan_generation_jobs for each row
when (old.trace_id = 'child 1' and old.is_held and not new.is_held)
execute function tests.refuse();
select tests.claim('claim 1', 2);
select tests.complete('parent 1', 'claim 1');
select tests.complete('parent 2', 'claim 1');
select is(tests.claim_names('claim 2', 9), array['child 2'], 'the other one is let go');
select is(
  (select array_agg(job_id) from supajobs.news where is_stuck),
  array[(tests.job('parent 1')).id],
  'what could not be passed on is kept'
);
drop trigger refuse on public.plan_generation_jobs;
update supajobs.sweeps set swept_at = '-infinity';
select is(tests.claim_names('claim 3', 9), array['child 1'], 'the next sweep has it tried again');

select * from finish();
rollback;
