begin;
select plan(3);

select tests.schedule(p_age => '1 minute');

select is(tests.trigger() -> 'is_alive', 'true', 'for three periods');
select is(tests.trigger() -> 'last_run_at', 'null', 'though it has not run');
select is(tests.trigger('supajobs_cleanup') -> 'is_alive', 'true', 'and so is the other');

select * from finish();
rollback;
