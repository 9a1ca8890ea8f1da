begin;
select plan(7);

select tests.calm_queue();
select tests.put_off_sweep();
select tests.forget_processors();
insert into public.plan_job_types (job_type, max_running) values ('pgtap', 1);
select tests.make_job('job ' || number) from generate_series(1, 4) as number;
select tests.claim('claim 1');

select is(
  (select jobs_due_in from supajobs.foresee_work(array['pgtap'])), null,
  'the one that may run does: who runs it asks when it ends'
);
select tests.make_job('other', p_job_type => 'other');
select is(
  (select jobs_due_in from supajobs.foresee_work(array['pgtap', 'other'])), 0::double precision,
  'a type that is full does not hide another'
);
update public.plan_job_types set max_running = 2 where job_type = 'pgtap';
select is(
  (select jobs_due_in from supajobs.foresee_work(array['pgtap'])), 0::double precision,
  'there is room'
);

update public.plan_job_types set max_running = null, starts_per_minute = 2
where job_type = 'pgtap';
select tests.claim('claim 2');
select ok(jobs_due_in between 50 and 60, 'when the first of the starts is a minute ago')
from supajobs.foresee_work(array['pgtap']);
update supajobs.starts set started_at = started_at - interval '40 seconds'
where claim_id = tests.id('claim 1');
select ok(jobs_due_in between 10 and 20, 'the first, whatever came later')
from supajobs.foresee_work(array['pgtap']);
update supajobs.starts set started_at = started_at - interval '40 seconds'
where claim_id = tests.id('claim 1');
select is(
  (select jobs_due_in from supajobs.foresee_work(array['pgtap'])), 0::double precision,
  'another may start'
);
update public.plan_job_types set starts_per_minute = 0 where job_type = 'pgtap';
select is(
  (select jobs_due_in from supajobs.foresee_work(array['pgtap'])), null, 'held back'
);

select * from finish();
rollback;
