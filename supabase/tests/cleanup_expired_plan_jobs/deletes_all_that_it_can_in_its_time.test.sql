begin;
select plan(3);

select tests.empty_queue();
select tests.make_attempt(1) from generate_series(1, 2500);
update public.plan_generation_jobs set expires_at = now() where true;

select is(
  public.cleanup_expired_plan_jobs(p_seconds => 0), '{"deleted": 1000}', 'at least a batch'
);
select is(public.cleanup_expired_plan_jobs(1200), '{"deleted": 1200}', 'at most max_rows');
select is(public.cleanup_expired_plan_jobs(), '{"deleted": 300}', 'else all there is');

select * from finish();
rollback;
