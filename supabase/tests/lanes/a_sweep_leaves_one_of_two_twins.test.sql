begin;
select plan(3);

select tests.empty_queue();
select tests.make_job('job ' || number) from generate_series(1, 3) as number;
-- As two requests make one lane, of which neither sees the other's.
insert into supajobs.lanes (job_type, priority) values ('pgtap', 5);

select tests.put_off_sweep();
select is(
  tests.claim_names('claim 1', 2), array['job 1', 'job 2'], 'claims take each job once'
);
update supajobs.sweeps set swept_at = '-infinity' where name = 'lanes';
select supajobs.sweep_lanes();
select is(count(*), 1::bigint, 'the lane') from supajobs.lanes where job_type = 'pgtap';
select is(tests.claim_names('claim 2', 2), array['job 3'], 'and its jobs stay');

select * from finish();
rollback;
