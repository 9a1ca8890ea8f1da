begin;
select plan(3);

select tests.empty_queue();
select tests.make_job('later', p_run_at => now() + interval '1 hour');
select tests.make_job('waiting');

select is(supajobs.promote_due_jobs(), 0, 'there is nothing to promote');
select is((tests.job('later')).turn, null, 'the one has no turn yet');
select is((tests.job('waiting')).turn, 0::bigint, 'the other has kept its own');

select * from finish();
rollback;
