begin;
select plan(4);

select tests.make_store();

select tests.refuses(
  'stored_by_unusable',
  $$insert into public.plan_job_types (job_type, stored_by) values ('new', 'app.nothing')$$
);
select tests.refuses(
  'stored_by_unusable',
  $$update public.plan_job_types set stored_by = 'store_story' where job_type = 'pgtap'$$
);
drop function app.store_story;
select lives_ok(
  $$update public.plan_job_types set max_running = 1 where job_type = 'pgtap'$$,
  'what is broken hinders no other edit'
);
select lives_ok(
  $$update public.plan_job_types set stored_by = null where job_type = 'pgtap'$$,
  'and can be taken away'
);

select * from finish();
rollback;
