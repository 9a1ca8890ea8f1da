begin;
select plan(2);

select tests.make_project('website');
select tests.run_project_job('first', 'website');
select tests.complete_project_job('first', 'website', null, array['Python', 'SQL']);
select tests.run_project_job('second', 'website');
select tests.complete_project_job('second', 'website', null, array['Python', 'Rust']);
select is(
  (tests.job('second')).result -> 'changes',
  '{"skills_added": ["Rust"], "skills_removed": ["SQL"]}',
  'by their names'
);
select bag_eq(
  'select name from public.plan_project_skills', array['Python', 'Rust'], 'those are kept'
);

select * from finish();
rollback;
