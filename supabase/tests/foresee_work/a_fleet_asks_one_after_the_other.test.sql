begin;
select plan(4);

select tests.calm_queue();
select tests.put_off_sweep();
select tests.forget_processors();
select tests.make_job('later', p_run_at => now() + interval '100 seconds');

select tests.make_processor('the only one');
select tests.make_processor('long silent', interval '2 minutes');
select ok(max(jobs_due_in) <= 100, 'one processor asks when the job is due')
from generate_series(1, 50) as number
cross join lateral supajobs.foresee_work(array['pgtap', number::text]);

select tests.make_processor('one of many ' || number) from generate_series(1, 100) as number;
select ok(max(jobs_due_in) <= 120, 'a hundred do within twenty seconds')
from generate_series(1, 200) as number
cross join lateral supajobs.foresee_work(array['pgtap', number::text]);
select ok(max(jobs_due_in) - min(jobs_due_in) > 10, 'one after the other')
from generate_series(1, 200) as number
cross join lateral supajobs.foresee_work(array['pgtap', number::text]);

select tests.make_job('due');
select is(max(jobs_due_in), 0::double precision, 'what is due now is for all')
from generate_series(1, 50) as number
cross join lateral supajobs.foresee_work(array['pgtap', number::text]);

select * from finish();
rollback;
