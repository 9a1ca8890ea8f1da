begin;
select plan(3);

select tests.empty_queue();
select tests.make_job('job');
select tests.claim('claim 1');
select tests.save_step('job', 'claim 1', 'outline', p_usage => '{"input_tokens": 1}');
select tests.expire_lease('job');
select tests.sweep();

-- A claim that was repeated so late that the job had been swept takes it again.
select tests.claim('claim 1');
select tests.save_step('job', 'claim 1', 'block-1', p_usage => '{"input_tokens": 10}');
select tests.expire_lease('job');
select tests.sweep();

select tests.claim('claim 2');
-- As if the clock had been set back since.
update supajobs.steps set saved_at = saved_at + interval '1 hour'
where job_id = (tests.job('job')).id;
select tests.expire_lease('job');
select tests.sweep();

select results_eq(
  $$
    select input_tokens from public.plan_job_attempts
    where job_id = (tests.job('job')).id order by started_at
  $$,
  $$values (1::bigint), (10), (null)$$,
  'each attempt has what was saved in it'
);
select is((tests.job('job')).crash_count, 3::smallint, 'three have crashed');
select is((tests.cost()).input_tokens, 11::bigint, 'nothing is counted twice');

select * from finish();
rollback;
