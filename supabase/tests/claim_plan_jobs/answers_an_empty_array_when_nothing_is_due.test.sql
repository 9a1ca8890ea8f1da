begin;
select plan(1);

select is(tests.claim('claim 1'), '[]', 'nothing is claimed');

select * from finish();
rollback;
