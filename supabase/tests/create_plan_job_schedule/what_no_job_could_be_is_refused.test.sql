begin;
select plan(9);

select tests.make_user('user a');
insert into public.plan_job_types (job_type, dedupe_by) values ('of projects', 'project');

select tests.refuses(
  'unknown_job_type', $$select tests.make_recurring('a', p_more => '{"job_type": "unheard of"}')$$
);
select tests.refuses(
  'project_required', $$select tests.make_recurring('a', p_more => '{"job_type": "of projects"}')$$
);
select tests.refuses(
  'out_of_range', $$select tests.make_recurring('a', p_more => '{"priority": 11}')$$
);
select tests.refuses(
  'out_of_range', $$select tests.make_recurring('a', p_more => '{"ttl_hours": 0}')$$
);
select tests.refuses(
  'params_not_an_object', $$select tests.make_recurring('a', p_more => '{"params": []}')$$
);

select tests.refuses(
  'out_of_range', $$select tests.make_recurring('a', p_more => '{"ends_at": "infinity"}')$$
);
select tests.refuses(
  'out_of_range', $$select tests.make_recurring('a', p_more => '{"next_run_at": "-infinity"}')$$
);

select tests.refuses(
  'all_would_be_skipped', $$select tests.make_recurring('a', p_more => '{"catch_up": "all"}')$$
);
select is(
  tests.make_recurring('a', p_more => '{"catch_up": "all", "overlap": "queue"}'), 'created'
);

select * from finish();
rollback;
