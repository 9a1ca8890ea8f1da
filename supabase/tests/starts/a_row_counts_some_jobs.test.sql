begin;
select plan(1);

select tests.violates_check(
  'starts_some',
  $$
    insert into supajobs.starts (job_type, started_at, claim_id, jobs)
    values ('pgtap', now(), tests.id('claim 1'), 0)
  $$
);

select * from finish();
rollback;
