begin;
select plan(3);

select tests.register('phone');
create temporary table gone as select id from tests.device('phone');
select
  is(
    public.delete_plan_push_token(id, tests.id('user a')) ->> 'outcome', 'deleted', 'deleted'
  )
from gone;
select
  is(
    public.delete_plan_push_token(id, tests.id('user a')) ->> 'outcome', 'not_found', 'once'
  )
from gone;
select is((tests.device('phone')).id, null, 'it is gone');

select * from finish();
rollback;
