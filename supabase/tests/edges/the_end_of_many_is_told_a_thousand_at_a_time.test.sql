begin;
select plan(11);

create function pg_temp.count_cancelled(p_name text) returns bigint
language sql
as $$
  select count(*) from public.plan_generation_jobs where trace_id = p_name and status = 'cancelled'
$$;

select tests.make_job('parent');
select count(tests.make_child('child', array['parent'])) from generate_series(1, 1100);
select tests.claim('claim 1');
select tests.fail('parent', 'claim 1', p_retryable => false);
select supajobs.pass_on(array[(tests.job('parent')).id]);
select is(pg_temp.count_cancelled('child'), 1000::bigint, 'a claim ends a thousand');
select tests.claim('claim 2');
select is(pg_temp.count_cancelled('child'), 1100::bigint, 'and hears of the others');

select public.retry_plan_job((tests.job('parent')).id, tests.id('user a'));
select is(pg_temp.count_cancelled('child'), 100::bigint, 'a thousand wait again at once');
select is(tests.claim_names('claim 3', 9), array['parent']);
select is(pg_temp.count_cancelled('child'), 0::bigint, 'and the others with the next claim');
select tests.release('parent', 'claim 3');

select public.cancel_plan_job((tests.job('parent')).id, tests.id('user a'));
select is(pg_temp.count_cancelled('child'), 1000::bigint, 'who cancels, ends a thousand, too');
select tests.claim('claim 4');
select is(pg_temp.count_cancelled('child'), 1100::bigint);

select tests.make_job('first');
select tests.make_child('middle', array['first']);
select count(tests.make_child('last', array['middle'])) from generate_series(1, 1100);
select public.cancel_plan_job((tests.job('first')).id, tests.id('user a'));
select is(pg_temp.count_cancelled('last'), 1000::bigint, 'of those that wait for these as well');
select tests.claim('claim 5', 9);
select is(pg_temp.count_cancelled('last'), 1100::bigint);
select public.retry_plan_job((tests.job('first')).id, tests.id('user a'));
select tests.claim('claim 6', 9);
select is(pg_temp.count_cancelled('last'), 0::bigint);
select is(
  (
    select count(*) from supajobs.edges
    where outcome is not null and parent_id = (tests.job('middle')).id
  ),
  0::bigint,
  'they wait again'
);

select * from finish();
rollback;
