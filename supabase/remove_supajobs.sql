-- Takes supajobs out of a project: its jobs, plans and costs, its tables and functions, its
-- schedules, its secrets, and its rows in the migrations' history. Stop its processes first, and
-- save what you want to keep (docs/remove.md). There is no way back.
--
-- All of it or nothing: where something of yours depends on it, the error names it, and everything
-- stays. The extensions stay in any case, as others may use them.
begin;

do $$
begin
  if to_regclass('cron.job') is not null then
    perform cron.unschedule(jobid) from cron.job
    where jobname in ('supajobs_process', 'supajobs_cleanup');
  end if;
  if to_regclass('vault.secrets') is not null then
    delete from vault.secrets where name in ('supajobs_process_url', 'supajobs_cron_secret');
  end if;
  if to_regclass('realtime.messages') is not null then
    drop policy if exists plan_jobs_are_heard_by_their_user on realtime.messages;
  end if;
end
$$;

drop view if exists
public.plan_job_attempts,
public.plan_job_durations,
public.plan_job_errors,
public.plan_job_timeline,
public.plan_jobs_active,
public.plan_jobs_per_hour,
public.plan_jobs_stuck,
public.plan_trigger_health,
public.plan_user_costs;

-- Some have a row of a table as their argument, so they go before it.
drop function if exists
public.address_plan_job_notifications,
public.call_plan_processor,
public.cancel_plan_job,
public.check_plan_queue,
public.claim_next_plan_job,
public.claim_plan_job_deliveries,
public.claim_plan_jobs,
public.cleanup_expired_plan_jobs,
public.cleanup_plan_job_notifications,
public.complete_plan_job,
public.complete_plan_jobs,
public.delete_plan_push_token,
public.describe_claimed_plan_jobs,
public.describe_plan_grants,
public.describe_plan_job,
public.describe_plan_queue,
public.describe_plan_schema,
public.describe_plan_triggers,
public.enqueue_plan_job,
public.fail_plan_job,
public.fail_plan_jobs,
public.find_plan_vacuum_blocker,
public.forget_plan_processor,
public.get_active_plan_job,
public.get_changed_plan_jobs,
public.get_plan_job,
public.get_plan_job_key,
public.get_plan_job_steps,
public.heartbeat_plan_jobs,
public.lock_plan_job_types,
public.note_plan_processor,
public.oldest_due_plan_jobs,
public.pause_plan_jobs,
public.plan_budget_renews_at,
public.plan_job_allowed_at,
public.plan_job_error_pattern,
public.plan_job_id_at,
public.plan_job_position,
public.plan_job_quota,
public.plan_job_quotas,
public.plan_job_turn,
public.plan_lane_head,
public.plan_schedule_seconds,
public.promote_due_plan_jobs,
public.recall_plan_job_settles,
public.record_plan_job_costs,
public.register_plan_push_token,
public.release_plan_job,
public.release_plan_jobs,
public.resume_plan_jobs,
public.retry_plan_job,
public.save_plan_job_step,
public.schedule_plan_job_processing,
public.set_up_plan_job_processing,
public.settle_plan_job_deliveries,
public.start_plan_job_broadcasts,
public.start_plan_job_wakes,
public.stop_plan_job_wakes,
public.sum_plan_job_steps,
public.sweep_expired_plan_jobs,
public.trigger_plan_job_processing;

drop table if exists
public.plan_generation_jobs,
public.plan_job_costs,
public.plan_job_deliveries,
public.plan_job_keys,
public.plan_job_messages,
public.plan_job_notifications,
public.plan_job_processors,
public.plan_job_starts,
public.plan_job_steps,
public.plan_job_types,
public.plan_job_unsuccessful_attempts,
public.plan_push_tokens,
public.plan_queue_lanes,
public.plan_queue_sweep,
public.plan_queue_wake,
public.plan_trigger_calls,
public.plan_trigger_schedules,
public.weekly_base_plans;

-- The tables needed these.
drop function if exists
public.broadcast_plan_job,
public.delete_plan_job_attempts,
public.erase_plan_job_key,
public.new_plan_job_id,
public.wake_plan_processor,
public.write_plan_job_notification;

do $$
begin
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    delete from supabase_migrations.schema_migrations
    where version in ('20261129000000', '20261129000050');
  end if;
end
$$;

commit;
