begin;
select plan(2);

select tests.empty_queue();
create function tests.refuse() returns trigger
language plpgsql
as $$
begin
  raise exception 'no lane moves';
end
$$;
create trigger refuse before update on supajobs.lanes
for each row execute function tests.refuse();
select tests.make_job('job ' || number) from generate_series(1, 3) as number;
select tests.put_off_sweep();
select tests.claim('claim 1', 1);
update supajobs.sweeps set swept_at = '-infinity' where true;
set local client_min_messages = error;

select is(tests.claim_names('claim 2', 1), array['job 2'], 'the claim takes its job');
select ok((select swept_at > now() from supajobs.sweeps where name = 'lanes'), 'and that was it');

select * from finish();
rollback;
