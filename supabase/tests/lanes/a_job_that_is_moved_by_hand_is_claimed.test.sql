begin;
select plan(7);

select tests.empty_queue();
insert into public.plan_job_types (job_type) values ('another') on conflict do nothing;
select tests.make_job(name) from unnest(array['urgent', 'of another type', 'running']) as name;

update public.plan_generation_jobs set priority = 7 where trace_id = 'urgent';
update public.plan_generation_jobs set job_type = 'another' where trace_id = 'of another type';
select tests.claim('claim 1');
select is(
  array[(tests.job('running')).status, (tests.job('urgent')).turn::text],
  array['processing', '0'],
  'it gets a turn with the next claim'
);
select is(tests.claim_names('claim 2'), array['urgent'], 'to another priority');
select is(
  tests.claim_names('claim 3', p_job_type => 'another'), array['of another type'], 'or type'
);

update public.plan_generation_jobs set priority = 1 where trace_id = 'running';
select is(tests.release('running', 'claim 1'), 'released', 'or while it runs');
select is(tests.claim_names('claim 4'), array['running'], 'when it is given back');

update public.plan_generation_jobs set priority = 2 where trace_id = 'running';
select tests.expire_lease('running');
select tests.sweep();
select is(tests.claim_names('claim 5'), array['running'], 'or has lost its lease');

update public.plan_generation_jobs set priority = 2, status = 'pending', lease_expires_at = null
where trace_id = 'running';
select is(tests.claim_names('claim 6'), array['running'], 'or is given back by hand');

select * from finish();
rollback;
