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
    drop policy if exists plan_worker_calls_are_for_the_service on realtime.messages;
  end if;
end
$$;

drop view if exists
public.plan_job_attempts,
public.plan_job_durations,
public.plan_job_errors,
public.plan_job_notifications,
public.plan_job_steps,
public.plan_job_timeline,
public.plan_jobs_active,
public.plan_jobs_per_hour,
public.plan_jobs_stuck,
public.plan_trigger_health,
public.plan_user_costs;

-- Some have a row of a table as their argument, so they go before it.
drop function if exists
public.address_plan_job_notifications,
public.advance_plan_jobs,
public.cancel_plan_job,
public.change_plan_job_type,
public.check_plan_queue,
public.check_plan_stores,
public.claim_next_plan_job,
public.claim_plan_job_deliveries,
public.claim_plan_jobs,
public.cleanup_expired_plan_jobs,
public.change_plan_jobs,
public.complete_plan_job,
public.complete_plan_jobs,
public.count_newest_plan_jobs,
public.count_plan_hours,
public.count_plan_jobs,
public.create_plan_job_schedule,
public.delete_plan_job_schedule,
public.delete_plan_push_token,
public.describe_plan_costs,
public.describe_plan_hours,
public.describe_plan_job,
public.describe_plan_queue,
public.describe_plan_scale,
public.describe_plan_schema,
public.describe_plan_triggers,
public.enqueue_plan_job,
public.enqueue_plan_job_step,
public.enqueue_plan_jobs,
public.fail_plan_job,
public.fail_plan_jobs,
public.find_plan_jobs,
public.forget_plan_processor,
public.get_active_plan_job,
public.get_changed_plan_jobs,
public.get_due_plan_job_schedules,
public.get_plan_job,
public.get_plan_job_flow,
public.get_plan_job_key,
public.get_plan_job_origins,
public.get_plan_job_parents,
public.get_plan_job_steps,
public.heartbeat_plan_jobs,
public.note_plan_processor,
public.pause_plan_jobs,
public.plan_job_id_at,
public.plan_job_position,
public.register_plan_push_token,
public.release_plan_job,
public.release_plan_jobs,
public.resume_plan_jobs,
public.retry_plan_job,
public.run_plan_job_schedules,
public.save_plan_job_step,
public.schedule_plan_job_processing,
public.set_plan_job_priority,
public.set_up_plan_job_processing,
public.settle_plan_job_deliveries,
public.signal_plan_job,
public.start_plan_job_broadcasts,
public.start_plan_job_wakes,
public.start_plan_worker_calls,
public.stop_plan_job_wakes,
public.stop_plan_worker_calls,
public.suspend_plan_jobs,
public.update_plan_job_schedule,
supajobs.admit_keyed_jobs,
supajobs.allowed_at,
supajobs.budget_renews_at,
supajobs.call_processor,
supajobs.call_store,
supajobs.check_debounce,
supajobs.check_request,
supajobs.check_schedule,
supajobs.cleanup_notifications,
supajobs.complete_request,
supajobs.complete_storing,
supajobs.count_admitted,
supajobs.count_hour,
supajobs.count_past_hours,
supajobs.dedupe_key_of,
supajobs.describe_failed_store,
supajobs.describe_claimed_jobs,
supajobs.describe_grants,
supajobs.describe_job,
supajobs.describe_job_to_operators,
supajobs.describe_limit,
supajobs.describe_schedule,
supajobs.end_orphans,
supajobs.enqueue_entry,
supajobs.enqueue_newest,
supajobs.enqueue_occurrence,
supajobs.enqueue_plain_entries,
supajobs.error_pattern,
supajobs.explain_store,
supajobs.filter_jobs,
supajobs.filtered_statuses,
supajobs.find_store,
supajobs.find_vacuum_blocker,
supajobs.finish_settles,
supajobs.follow,
supajobs.foresee_start,
supajobs.foresee_work,
supajobs.give_key_back,
supajobs.has_errands,
supajobs.has_realtime,
supajobs.hash_request,
supajobs.is_limited_by_key,
supajobs.is_waited_for,
supajobs.last_turn_of_nobody,
supajobs.let_go,
supajobs.limit_by_key,
supajobs.list_candidates,
supajobs.list_past_hours,
supajobs.list_unsuccessful_jobs,
supajobs.list_schedules,
supajobs.list_trigger_calls,
supajobs.lock_for_entries,
supajobs.lock_job_before,
supajobs.lock_job_types,
supajobs.lock_news,
supajobs.lock_quotas,
supajobs.lock_rate_limit,
supajobs.lock_user_of,
supajobs.lock_users,
supajobs.look_for_jobs,
supajobs.next_turn,
supajobs.nobody,
supajobs.oldest_due_jobs,
supajobs.pass_on,
supajobs.promote_due_jobs,
supajobs.record_attempts,
supajobs.record_costs,
supajobs.refuse_provider_key,
supajobs.release_held_jobs,
supajobs.replace_request,
supajobs.request_follow_ups,
supajobs.revive_descendants,
supajobs.run_schedule,
supajobs.schedule_seconds,
supajobs.shorten_cause,
supajobs.stop_attempts,
supajobs.store_outcome,
supajobs.store_plan,
supajobs.sum_steps,
supajobs.sweep,
supajobs.sweep_lanes,
supajobs.sweep_leases,
supajobs.take_back_jobs,
supajobs.tell_children,
supajobs.tell_refused_follow_up,
supajobs.trigger_processing,
supajobs.try_lock_news,
supajobs.try_lock_user,
supajobs.try_lock_user_of,
supajobs.waiting_time;

drop table if exists
public.plan_generation_jobs,
public.plan_job_costs,
public.plan_job_messages,
public.plan_job_schedules,
public.plan_job_types,
public.plan_push_tokens,
public.weekly_base_plans,
supajobs.answered_keys,
supajobs.deliveries,
supajobs.edges,
supajobs.keyed_jobs,
supajobs.lanes,
supajobs.news,
supajobs.notifications,
supajobs.past_hours,
supajobs.processors,
supajobs.provider_keys,
supajobs.retries,
supajobs.signals,
supajobs.starts,
supajobs.steps,
supajobs.sweeps,
supajobs.trigger_calls,
supajobs.trigger_schedules,
supajobs.unsuccessful_attempts,
supajobs.waits,
supajobs.wake,
supajobs.worker_calls;

-- The tables needed these.
drop function if exists
supajobs.broadcast_job,
supajobs.call_workers,
supajobs.delete_attempts,
supajobs.delete_notifications,
supajobs.erase_provider_key,
supajobs.leave_lane,
supajobs.new_id,
supajobs.refuse_unusable_store,
supajobs.tell_of_limits,
supajobs.wake_processor,
supajobs.write_notification;
drop type if exists supajobs.ended_attempt;
drop domain if exists supajobs.tokens, supajobs.dollars;
drop schema if exists supajobs;

do $$
begin
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    delete from supabase_migrations.schema_migrations
    where version in ('20261129000000', '20261129000050');
  end if;
end
$$;

commit;
