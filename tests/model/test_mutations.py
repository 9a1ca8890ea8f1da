"""Each check holds for the functions as they are, and fails when they are broken where it looks.

What the model says about the functions as they are is in test_model.py.
"""

from collections.abc import Callable

import pytest
from hypothesis import settings
from tests.model import (
    bulk_races,
    flow_races,
    follow_up_races,
    key_races,
    newest_races,
    races,
    schedule_races,
)
from tests.model.databases import Databases, Mutation
from tests.model.machine import obey_the_model
from tests.model.ties import keep_ties

Check = Callable[[str], None]

WITHOUT_A_FENCE = [
    Mutation("complete_plan_jobs", "and job.claim_id = given.claim_id", ""),
    Mutation("supajobs.stop_attempts", "and job.claim_id = given.claim_id", ""),
    Mutation("heartbeat_plan_jobs", "and job.claim_id = beat.claim_id", ""),
    Mutation("save_plan_job_step", "and claim_id = p_claim_id", ""),
]
WITHOUT_A_BUDGET = [
    Mutation("supajobs.take_back_jobs", "job.crash_count + 1 < job.max_crashes", "true"),
    Mutation("supajobs.stop_attempts", "job.retry_count < job.max_retries", "true"),
    Mutation("retry_plan_job", "crash_count = 0,", ""),
]
BEYOND_A_LIMIT = [
    Mutation("supajobs.lock_quotas", "v_type.max_running -", "1 + v_type.max_running -"),
    Mutation("supajobs.allowed_at", "max_enqueues - 1", "max_enqueues"),
    Mutation("supajobs.budget_renews_at", "p_type.max_cost", "9 * p_type.max_cost"),
]
MISCOUNTED = [
    Mutation("supajobs.sum_steps", "sum(spent.input_tokens)", "max(spent.input_tokens)"),
    Mutation("supajobs.take_back_jobs", "when swept.has_steps", "when false"),
    Mutation("supajobs.finish_settles", "in ('crashed', 'cancelled')", "= 'cancelled'"),
]
OUT_OF_ORDER = [
    Mutation("claim_plan_jobs", "priority desc", "priority"),
    Mutation("supajobs.next_turn", "latest.turn + 1", "latest.turn"),
    Mutation("supajobs.promote_due_jobs", "and job.run_at <= v_now", ""),
]
TWICE = [
    Mutation("complete_plan_jobs", "job.status = 'processing'", "true"),
    Mutation("enqueue_plan_job", "case v_type.dedupe_by", "case null::text"),
    Mutation("enqueue_plan_job", "p_idempotency_key is not null", "false"),
]
THROWN_AWAY = [
    Mutation("complete_plan_jobs", "job.lease_lost_at is not null", "false"),
    Mutation("cleanup_expired_plan_jobs", "job.expires_at <= now()", "job.expires_at > now()"),
]
OF_SOMEBODY_ELSE = [
    Mutation("cancel_plan_job", "and user_id is not distinct from p_user_id", ""),
    Mutation("retry_plan_job", "and user_id is not distinct from p_user_id", ""),
]

WITHOUT_A_LOCK = Mutation("supajobs.lock_quotas", "pg_advisory_xact_lock", "")
WITHOUT_PATIENCE = Mutation(
    "supajobs.lock_quotas",
    "SET search_path TO ''",
    "SET search_path TO '' SET lock_timeout TO '250ms'",
)
WITH_THE_ROWS_LOCKED = Mutation(
    "supajobs.lock_quotas",
    "from public.plan_job_types where job_type = v_job_type",
    "from public.plan_job_types where job_type = v_job_type for no key update",
)
# Who makes a lane waits, as for a unique key, until whoever made it before commits.
WITH_A_KEY_OF_LANES = Mutation(
    "supajobs.next_turn",
    "insert into supajobs.lanes",
    "perform pg_advisory_xact_lock(p_priority); insert into supajobs.lanes",
)

RACES: list[tuple[Check, list[Mutation]]] = [
    (races.max_running_holds, [WITHOUT_A_LOCK]),
    (races.starts_per_minute_hold, [WITHOUT_A_LOCK]),
    (
        races.the_limit_of_enqueues_holds,
        [Mutation("supajobs.lock_rate_limit", "pg_advisory_xact_lock", "")],
    ),
    (
        races.one_job_holds_a_dedupe_key,
        [Mutation("enqueue_plan_job", "case v_type.dedupe_by", "case null::text")],
    ),
    (
        races.one_job_has_an_idempotency_key,
        [Mutation("enqueue_plan_job", "p_idempotency_key is not null", "false")],
    ),
    (
        races.copies_of_a_claim_take_the_same,
        [Mutation("claim_plan_jobs", "pg_advisory_xact_lock", "")],
    ),
    (
        races.claims_pass_over_what_others_take,
        [
            Mutation("claim_plan_jobs", "for update skip locked", ""),
            Mutation("claim_plan_jobs", "skip locked", ""),
        ],
    ),
    (
        races.sweeps_pass_over_no_job_on_its_way,
        [
            Mutation("supajobs.sweep_lanes", "least(lane.entry,", "least(lane.entry + 9,"),
            Mutation("supajobs.next_turn", "lane.entry", "lane.floor"),
            Mutation("supajobs.stop_attempts", "lane.entry", "lane.floor"),
        ],
    ),
    (
        races.claims_wait_for_no_settle,
        [Mutation("supajobs.sweep_leases", "skip locked", "")],
    ),
    (races.claims_of_a_limited_type_take_turns, [WITHOUT_PATIENCE]),
    (
        races.claims_wait_for_no_edit_of_a_type,
        [WITH_THE_ROWS_LOCKED],
    ),
    (races.enqueues_wait_for_no_lane, [WITH_A_KEY_OF_LANES]),
    (
        races.heartbeats_wait_for_no_settle,
        [Mutation("heartbeat_plan_jobs", "skip locked", "")],
    ),
    (
        races.settles_wait_for_no_lock,
        [
            Mutation("complete_plan_jobs", "skip locked", ""),
            Mutation("supajobs.stop_attempts", "skip locked", ""),
            Mutation("supajobs.finish_settles", "'busy'", "null::text"),
        ],
    ),
    (
        races.a_late_completion_waits_for_no_lock,
        [
            Mutation("supajobs.finish_settles", "job.lease_lost_at is not null", "false"),
            Mutation("supajobs.finish_settles", "'completed' = any(p_outcomes)", "true"),
        ],
    ),
    (
        races.what_a_job_came_to_is_stored_once,
        [
            Mutation("supajobs.complete_storing", "job.status = 'processing'", "true"),
            Mutation("supajobs.complete_storing", "skip locked", ""),
        ],
    ),
    (
        races.no_signal_is_lost_that_meets_the_suspension,
        [
            Mutation("suspend_plan_jobs", "signal.job_id is not null", "false"),
            Mutation("suspend_plan_jobs", "skip locked", ""),
            Mutation("signal_plan_job", "if v_wait.name = v_job.waiting_for", "if false"),
        ],
    ),
    (
        races.the_first_of_two_signals_counts,
        [
            Mutation("signal_plan_job", "for no key update", ""),
            # Overwritten.
            Mutation(
                "signal_plan_job",
                "select payload into v_known from supajobs.signals "
                "where job_id = p_job_id and name = p_name;",
                "delete from supajobs.signals where job_id = p_job_id and name = p_name; "
                "perform where false;",
            ),
        ],
    ),
    (
        races.a_wait_ends_when_it_first_would_have,
        [
            Mutation(
                "suspend_plan_jobs",
                "on conflict do nothing",
                "on conflict (job_id, name) do update set until = excluded.until",
            ),
        ],
    ),
    (
        races.late_usage_waits_for_no_lock,
        [Mutation("supajobs.finish_settles", "skip locked", "")],
    ),
    (
        schedule_races.an_occurrence_is_enqueued_once,
        [Mutation("supajobs.run_schedule", "for no key update skip locked", "")],
    ),
    (
        schedule_races.a_late_run_moves_no_schedule_back,
        [Mutation("supajobs.run_schedule", "and next_run_at = p_expected_run_at", "")],
    ),
    (
        schedule_races.an_occurrence_is_one_job_whoever_moved_its_schedule,
        [Mutation("supajobs.enqueue_occurrence", "'schedule:%s:%s',", "gen_random_uuid()::text,")],
    ),
    (
        schedule_races.a_schedule_waits_for_no_other,
        [
            Mutation("supajobs.run_schedule", "skip locked", ""),
            Mutation("supajobs.run_schedule", "if not supajobs.try_lock_user", "if null and not "),
        ],
    ),
    (
        newest_races.the_newest_request_wins,
        [
            Mutation("supajobs.replace_request", "params = p_params,", ""),
            Mutation("enqueue_plan_job", "case v_type.dedupe_by", "case null::text"),
        ],
    ),
    (
        newest_races.a_repeated_request_is_one,
        [
            Mutation("supajobs.enqueue_newest", "supajobs.lock_users", "cardinality"),
            Mutation("supajobs.enqueue_newest", "if not v_is_repeated then", "if true then"),
        ],
    ),
    (
        newest_races.one_more_runs_after_the_one_that_runs,
        [
            Mutation("supajobs.enqueue_newest", "v_job.started_at is null", "true"),
            Mutation("supajobs.enqueue_newest", "=> 'run'", "=> 'cancel'"),
            Mutation("supajobs.enqueue_newest", "case when v_job.id is not null", "case when null"),
        ],
    ),
    (
        newest_races.a_job_that_is_being_claimed_is_not_replaced,
        [Mutation("supajobs.enqueue_newest", "for no key update", "")],
    ),
    (
        newest_races.a_settle_waits_for_no_request,
        [Mutation("complete_plan_jobs", "skip locked", "")],
    ),
    (
        newest_races.a_plain_request_that_comes_between_is_replaced,
        [
            Mutation("supajobs.enqueue_newest", "v_answer ->> 'outcome' <> 'existing'", "true"),
        ],
    ),
    (
        newest_races.a_plain_request_of_the_same_key_that_comes_and_goes_is_answered,
        [
            Mutation("supajobs.enqueue_newest", "if v_is_repeated or", "if"),
        ],
    ),
    (
        newest_races.one_job_is_active_where_the_next_was_cancelled,
        [
            Mutation("cancel_plan_job", "perform supajobs.give_key_back(v_job);", ""),
            Mutation("retry_plan_job", "dedupe_key = supajobs.dedupe_key_of(v_job),", ""),
        ],
    ),
    (
        newest_races.a_deletion_of_the_user_waits_for_no_request,
        [Mutation("supajobs.enqueue_newest", "supajobs.lock_user_of(job.id)", "job.id")],
    ),
    (
        follow_up_races.what_is_to_follow_is_requested_once,
        [
            Mutation("supajobs.complete_storing", "job.status = 'processing'", "true"),
            Mutation("supajobs.complete_storing", "skip locked", ""),
        ],
    ),
    (
        follow_up_races.nothing_follows_where_something_is_refused,
        [
            Mutation("supajobs.complete_storing", "if v_refusal is not null then", "if null then"),
            Mutation("supajobs.request_follow_ups", "not in ('created', 'existing')", "is null"),
        ],
    ),
    (
        follow_up_races.a_settle_waits_for_no_limit,
        [
            Mutation("supajobs.request_follow_ups", "SET lock_timeout TO '100ms'", ""),
            Mutation("supajobs.complete_storing", "and v_state in ('55P03',", "and v_state in ("),
        ],
    ),
    (
        follow_up_races.a_child_hears_of_the_end_that_requested_it,
        [Mutation("supajobs.follow", "set has_ties = true", "set has_ties = false")],
    ),
    (
        follow_up_races.a_job_in_the_middle_is_requested_once,
        [
            Mutation("enqueue_plan_job_step", "for no key update", ""),
            Mutation("enqueue_plan_job_step", "if v_known is not null then", "if null then"),
        ],
    ),
    (
        follow_up_races.a_claim_that_is_over_requests_nothing,
        [Mutation("enqueue_plan_job_step", "and claim_id = p_claim_id", "")],
    ),
    (
        flow_races.a_parent_that_ends_as_its_child_comes_in_is_heard,
        [
            Mutation("supajobs.follow", "for no key update", ""),
            Mutation("supajobs.follow", "parent.completed_at is not null", "false"),
            Mutation("supajobs.follow", "and not has_ties", "and has_ties"),
        ],
    ),
    (
        flow_races.a_child_follows_nobody_who_is_being_deleted,
        [Mutation("supajobs.follow", "is distinct from v_found", "< 0")],
    ),
    (
        flow_races.two_parents_that_end_at_once_start_their_child_once,
        [Mutation("supajobs.lock_news", "pg_advisory_xact_lock", "")],
    ),
    (
        flow_races.a_child_waits_for_the_last_of_its_parents,
        [
            # Started with one parent left.
            Mutation("supajobs.let_go", "edge.outcome is null", "false"),
        ],
    ),
    (
        flow_races.a_retry_meets_the_news_of_the_end,
        [Mutation("retry_plan_job", "perform supajobs.lock_news();", "")],
    ),
    (
        flow_races.a_revived_child_meets_a_claim,
        [Mutation("supajobs.revive_descendants", "set outcome = null", "set outcome = outcome")],
    ),
    (
        flow_races.a_child_that_lost_two_parents_waits_for_both,
        [Mutation("supajobs.revive_descendants", "supajobs.end_orphans", "cardinality")],
    ),
    (
        flow_races.a_parent_that_was_given_up_completes_all_the_same,
        [Mutation("supajobs.tell_children", "edge.outcome <> 'completed'", "false")],
    ),
    (
        flow_races.a_retried_child_waits_for_no_parent_that_has_ended,
        [Mutation("retry_plan_job", "and parent.completed_at is null", "")],
    ),
    (
        flow_races.a_cancellation_meets_the_completion,
        [Mutation("supajobs.record_attempts", "and job.has_ties", "and false")],
    ),
    (
        flow_races.a_cancellation_waits_for_no_deletion_of_its_user_that_waits_for_it,
        [Mutation("cancel_plan_job", "perform supajobs.lock_user_of(p_job_id);", "")],
    ),
    (
        flow_races.a_cleanup_leaves_who_is_waited_for,
        [Mutation("cleanup_expired_plan_jobs", "supajobs.is_waited_for(job.id)", "false")],
    ),
    (
        flow_races.one_locked_child_holds_nobody_up,
        [Mutation("supajobs.pass_on", "order by random()", "limit 0")],
    ),
    (
        flow_races.jobs_are_told_of_after_a_trouble,
        [Mutation("supajobs.sweep_lanes", "set is_stuck = false", "set is_stuck = true")],
    ),
    (
        key_races.limits_per_key_hold_and_hold_nobody_for_ever,
        [Mutation("supajobs.admit_keyed_jobs", ">= v_others_limit", "> 99")],
    ),
    (
        key_races.room_is_taken_once,
        [
            # A hold released twice.
            Mutation("supajobs.admit_keyed_jobs", "is_admitted = true", "is_admitted = false"),
            Mutation("supajobs.admit_keyed_jobs", "least(100, v_room)", "least(100, v_room + 1)"),
        ],
    ),
    (
        key_races.a_retry_that_meets_the_news_of_its_end_is_not_held_for_ever,
        [Mutation("retry_plan_job", "perform supajobs.lock_news();", "")],
    ),
    (
        key_races.a_revived_child_is_held_to_the_limit,
        [Mutation("supajobs.revive_descendants", "perform supajobs.limit_by_key(v_job);", "")],
    ),
    (
        key_races.a_held_job_does_not_run_before_its_time,
        [Mutation("supajobs.let_go", "child.run_at <= v_now and", "")],
    ),
    (
        key_races.jobs_that_come_due_run_with_one_claim,
        [
            Mutation(
                "claim_plan_jobs",
                "perform supajobs.release_held_jobs(p_has_enough => v_free = 0);",
                "",
            )
        ],
    ),
    (
        key_races.a_locked_job_holds_no_other_up,
        [Mutation("supajobs.pass_on", "order by random()", "limit 0")],
    ),
    (
        key_races.a_job_that_is_edited_takes_the_place_of_its_new_priority,
        [Mutation("supajobs.leave_lane", "if new.has_ties", "if false")],
    ),
    (
        key_races.a_limit_that_is_taken_away_holds_nobody,
        [
            Mutation(
                "supajobs.limit_by_key",
                "begin",
                """begin
                if not exists (
                  select from public.plan_job_types where max_running_per_user is not null
                ) then
                  return;
                end if;""",
            )
        ],
    ),
    (
        key_races.a_job_whose_type_is_edited_leaves_its_place,
        [Mutation("supajobs.leave_lane", "if new.job_type <> old.job_type", "if false")],
    ),
    (
        flow_races.an_error_of_a_handler_names_no_parent,
        [Mutation("supajobs.revive_descendants", "child.error ->> 'code' in", "'x' not in")],
    ),
    (
        schedule_races.what_somebody_else_has_locked_is_busy,
        [Mutation("run_plan_job_schedules", "SET lock_timeout TO '100ms'", "")],
    ),
    (
        bulk_races.two_calls_wait_for_each_other_never,
        [
            Mutation("supajobs.lock_users", "pg_advisory_xact_lock", ""),
            Mutation("supajobs.lock_for_entries", "supajobs.lock_rate_limit", "concat"),
        ],
    ),
    (
        bulk_races.calls_without_keys_wait_for_nobody,
        [Mutation("supajobs.lock_for_entries", "is not null;", "is not null or true;")],
    ),
    (
        bulk_races.a_cancellation_and_a_call_wait_for_each_other_never,
        [Mutation("cancel_plan_job", "supajobs.lock_users", "cardinality")],
    ),
    (
        bulk_races.the_jobs_of_a_user_who_is_deleted_alone_are_refused,
        [Mutation("enqueue_plan_jobs", "or integrity_constraint_violation", "")],
    ),
    (
        bulk_races.a_deletion_waits_for_the_jobs_that_come_in,
        [Mutation("supajobs.delete_attempts", "where has_ties", "where false")],
    ),
]


TIES = [
    Mutation("supajobs.let_go", "edge.outcome is null", "false"),
    Mutation("supajobs.admit_keyed_jobs", "least(100, v_room)", "least(100, v_room + 1)"),
    Mutation("supajobs.tell_children", "perform supajobs.end_orphans(v_without_result);", ""),
    Mutation("supajobs.record_attempts", "and job.has_ties", "and false"),
    Mutation("retry_plan_job", "perform supajobs.revive_descendants(p_job_id);", ""),
    Mutation("signal_plan_job", "if v_wait.name = v_job.waiting_for", "if false"),
    Mutation("suspend_plan_jobs", "signal.job_id is not null", "false"),
]


@pytest.mark.parametrize("check", [check for check, _ in RACES])
def test_a_race_ends_well(databases: Databases, check: Check) -> None:
    with databases.lend() as url:
        check(url)


@pytest.mark.parametrize(
    ("check", "mutation"),
    [
        pytest.param(check, mutation, id=f"{check.__name__}-{mutation}")
        for check, mutations in RACES
        for mutation in mutations
    ],
)
def test_a_race_finds(databases: Databases, check: Check, mutation: Mutation) -> None:
    with pytest.raises(AssertionError):
        run_rounds(databases, check, mutation)


def run_rounds(databases: Databases, check: Check, mutation: Mutation) -> None:
    """Some meet their race by chance, and may need more than one."""
    for _ in range(3):
        with databases.lend(mutation) as url:
            check(url)


@pytest.mark.parametrize("mutation", TIES, ids=str)
def test_the_ties_find(databases: Databases, model_settings: settings, mutation: Mutation) -> None:
    with databases.lend(mutation) as url, pytest.raises(AssertionError):
        keep_ties(url, model_settings)


@pytest.mark.parametrize(
    "mutation",
    [
        *WITHOUT_A_FENCE,
        *WITHOUT_A_BUDGET,
        *BEYOND_A_LIMIT,
        *MISCOUNTED,
        *OUT_OF_ORDER,
        *TWICE,
        *THROWN_AWAY,
        *OF_SOMEBODY_ELSE,
    ],
    ids=str,
)
def test_the_model_finds(
    databases: Databases, model_settings: settings, mutation: Mutation
) -> None:
    with databases.lend(mutation) as url, pytest.raises(AssertionError):
        obey_the_model(url, model_settings)
