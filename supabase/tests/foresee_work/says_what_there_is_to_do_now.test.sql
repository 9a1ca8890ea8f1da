begin;
select plan(6);

select tests.calm_queue();
select tests.put_off_sweep();
insert into public.plan_job_types (job_type) values ('other');

select is(
  (select jobs_due_in from supajobs.foresee_work(null)), null, 'nothing waits: nothing is known'
);
select tests.make_job('due');
select is(
  (select jobs_due_in from supajobs.foresee_work(array['pgtap'])), 0::double precision,
  'a job is due'
);
select is(
  (select jobs_due_in from supajobs.foresee_work(null)), 0::double precision,
  'for those, too, that do not say what they have code for'
);
select is(
  (select jobs_due_in from supajobs.foresee_work(array['other'])), null,
  'but not for those without code for it'
);
update public.plan_job_types set max_running = 0 where job_type = 'pgtap';
select is(
  (select jobs_due_in from supajobs.foresee_work(array['pgtap'])), null,
  'nor while its type is held back'
);
update supajobs.sweeps set swept_at = now() - interval '11 seconds' where name = 'leases';
select is(
  (select jobs_due_in from supajobs.foresee_work(array['other'])), 0::double precision,
  'the housekeeping of a claim is due ten seconds after the last one'
);

select * from finish();
rollback;
