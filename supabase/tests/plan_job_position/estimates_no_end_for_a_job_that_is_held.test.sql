begin;
select plan(3);

select tests.make_attempt(10);
select tests.make_job('parent', p_run_at => now() + interval '1 hour');
select tests.make_child('child', array['parent']);

select is(tests.position('child') -> 'position_in_queue', 'null', 'it has no place');
select is(
  tests.position('child') -> 'estimated_completion_at', 'null', 'and nobody knows when it starts'
);
select isnt(tests.position('child') -> 'estimated_duration', 'null', 'how long it takes is known');

select * from finish();
rollback;
