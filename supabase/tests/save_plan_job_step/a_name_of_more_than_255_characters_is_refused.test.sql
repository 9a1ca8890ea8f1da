begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.refuses(
  'step_name_too_long', $$select tests.save_step('job', 'claim 1', repeat('n', 256))$$
);
select is(tests.save_step('job', 'claim 1', repeat('😀', 255)), 'saved', '255 are not too many');

select * from finish();
rollback;
