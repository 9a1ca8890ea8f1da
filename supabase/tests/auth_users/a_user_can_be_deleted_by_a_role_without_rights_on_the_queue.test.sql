begin;
select plan(3);

-- As the auth server does.
create role pgtap_auth_admin;
grant pgtap_auth_admin to current_user;
grant usage on schema auth, extensions to pgtap_auth_admin;
grant select, delete on auth.users to pgtap_auth_admin;
select tests.make_job('completed');
select tests.claim('claim 1');
select tests.complete('completed', 'claim 1', p_plan => '{}');
create temp table jobs as select id from tests.job('completed');

set local role pgtap_auth_admin;
select lives_ok(
  format('delete from auth.users where id = %L', md5('user a')::uuid), 'the user is deleted'
);

reset role;
select is_empty('select * from public.plan_generation_jobs inner join jobs using (id)', 'the jobs');
select is_empty(
  'select * from public.plan_job_attempts where job_id in (select id from jobs)', 'the attempts'
);

select * from finish();
rollback;
