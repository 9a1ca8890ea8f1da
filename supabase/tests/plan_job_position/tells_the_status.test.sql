begin;
select plan(3);

select tests.make_job('completed');
select tests.make_job('running');
select tests.claim('claim 1', 2);
select tests.complete('completed', 'claim 1');
select tests.make_job('pending');

select is(tests.position(name) ->> 'status', status, name)
from (
  values ('completed', 'completed'), ('running', 'processing'), ('pending', 'pending')
) as expected (name, status);

select * from finish();
rollback;
