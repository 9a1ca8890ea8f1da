begin;
select plan(2);

select tests.calm_queue();
select tests.empty_outbox();
select tests.put_off_sweep();
delete from public.plan_job_schedules where true;

select is(
  public.note_plan_processor('host:1:a', '1.2.3', 10, 0, array['pgtap'])::jsonb,
  '{"outcome": "noted", "jobs_due_in": null, "schedules_due_in": null, "messages_due_in": null}',
  'nothing'
);
select tests.make_job('due');
select is(
  public.note_plan_processor('host:1:a', '1.2.3', 10, 0, array['pgtap'])::jsonb,
  '{"outcome": "noted", "jobs_due_in": 0, "schedules_due_in": null, "messages_due_in": null}',
  'a job'
);

select * from finish();
rollback;
