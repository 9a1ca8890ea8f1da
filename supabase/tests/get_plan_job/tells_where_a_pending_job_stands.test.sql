begin;
select plan(4);

select tests.make_job('running');
select tests.claim('claim 1', 1);
select tests.make_job('first');
select tests.make_job('second', p_user => 'user b');

create temporary table found as
select
  name,
  public.get_plan_job(
    (tests.job(name)).id, (tests.job(name)).user_id
  ) as answer
from unnest(array['running', 'first', 'second']) as name;

select is(
  (select answer -> 'job' ->> 'trace_id' from found where name = 'second'), 'second',
  'it is the job'
);
select is(
  (select answer -> 'position' ->> 'position_in_queue' from found where name = 'first'), '1',
  'the next to start'
);
select is(
  (select answer -> 'position' ->> 'position_in_queue' from found where name = 'second'), '2',
  'the one after it'
);
select is(
  (select answer ->> 'position' from found where name = 'running'), null,
  'what runs has no position'
);

select * from finish();
rollback;
