begin;
select plan(7);

select tests.calm_queue();
delete from supajobs.unsuccessful_attempts where true;
select tests.make_job('job');
select tests.make_older('job', interval '10 seconds');
select tests.make_job('for later', p_run_at => now() + interval '1 hour');
select tests.make_job('of another type', p_job_type => 'pgtap 2');
select tests.make_older('of another type', interval '20 seconds');
select tests.make_attempt(1);
select tests.make_attempt(3, p_job_type => 'pgtap 2');
select tests.make_attempt(100, 'failed', 'pgtap 2');
select tests.make_attempt(100, 'failed', 'pgtap 2');
create temp table described as
select public.describe_plan_queue()::jsonb -> 'total' as total;

select is(total -> 'pending', '2', 'pending') from described;
select is(total -> 'scheduled', '1', 'scheduled') from described;
select ok(
  (total ->> 'oldest_pending_seconds')::numeric between 20 and 80, 'the oldest of any type'
) from described;
select is(total -> 'completed', '2', 'completed') from described;
select is(total -> 'success_rate', '0.5', 'of all attempts') from described;
select is(total -> 'duration_p50', '2', 'over all of them, not a mean of means') from described;
select is(total ? 'job_type', false, 'it has no type') from described;

select * from finish();
rollback;
