begin;
select plan(2);

select tests.make_job('below', 'user a');
select tests.make_job('above 1', 'user b');
select tests.make_job('above 2', 'user b');
update supajobs.lanes set floor = 1 where job_type = 'pgtap';
select tests.put_off_sweep();

select is(tests.claim_names('claim 1', 5), array['above 2'], 'until then claims do not look');

select tests.sweep();
select tests.put_off_sweep();
select is(tests.claim_names('claim 2', 5), array['below', 'above 1'], 'the floor is lower again');

select * from finish();
rollback;
