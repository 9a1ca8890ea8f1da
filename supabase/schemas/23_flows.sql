-- Flows: jobs that wait for others, their parents, to end, and read their results. A waiting job is
-- held (09): it costs a claim nothing.

-- The jobs that one waits for, each by all names that the child has for it. An edge is there for
-- as long as its child.
create table supajobs.edges (
  job_id uuid not null,
  parent_id uuid not null,
  ref text not null,
  on_parent_failure text not null,
  outcome text,

  primary key (job_id, parent_id, ref),
  constraint edges_on_parent_failure_known check (on_parent_failure in ('cancel', 'run')),
  constraint edges_outcome_known check (
    outcome in ('completed', 'failed', 'cancelled', 'deleted')
  )
);
comment on table supajobs.edges is 'Who waits for whom: flows of jobs.';
comment on column supajobs.edges.ref is
'What the child calls its parent, when it asks for the results.';
comment on column supajobs.edges.outcome is
'How the parent ended; null while it has not.';
create index edges_open on supajobs.edges (job_id) where outcome is null;
create index edges_by_parent on supajobs.edges (parent_id);

-- Whether a child has not ended, and may read the job's result. Volatile: a cleanup that meets a
-- job in change asks again, and is to see who has come since.
create function supajobs.is_waited_for(p_job_id uuid) returns boolean
language plpgsql
volatile
set search_path = ''
as $$
begin
  return exists (
    select from supajobs.edges as edge
    inner join public.plan_generation_jobs as child on edge.job_id = child.id
    where edge.parent_id = p_job_id and child.completed_at is null
  );
end
$$;

-- Ends the held jobs whose parent has ended without a result, theirs, and so on, unless they are to
-- run all the same.
create function supajobs.end_orphans(p_parent_ids uuid[]) returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_parent_ids uuid[] := p_parent_ids;
begin
  while v_parent_ids is not null loop
    with orphans as (
      select child.id, parent.id as parent_id, parent.ref, parent.status
      from public.plan_generation_jobs as child
      cross join lateral (
        select edge.parent_id as id, edge.ref, coalesce(job.status, 'deleted') as status
        from supajobs.edges as edge
        left join public.plan_generation_jobs as job on edge.parent_id = job.id
        where
          edge.job_id = child.id
          and edge.parent_id = any(v_parent_ids)
          and edge.on_parent_failure = 'cancel'
          and (job.id is null or job.status in ('failed', 'cancelled'))
        order by job.completed_at, edge.ref
        limit 1
      ) as parent
      where
        child.id = any(array(
          select edge.job_id from supajobs.edges as edge
          where edge.parent_id = any(v_parent_ids)
        ))
        and child.is_held
        and child.status = 'pending'
      order by child.id
      for no key update of child
    ),

    ended as (
      update public.plan_generation_jobs as job
      set
        status = 'cancelled',
        is_held = false,
        error = jsonb_build_object(
          'code', 'parent_' || orphans.status,
          'message', format(
            'The job waited for "%s", which %s.',
            orphans.ref,
            case orphans.status when 'failed' then 'failed' else 'was ' || orphans.status end
          ),
          'detail', jsonb_build_object('parent_id', orphans.parent_id)
        ),
        completed_at = v_now,
        expires_at = v_now + make_interval(hours => job.ttl_hours),
        updated_at = v_now
      from orphans
      where job.id = orphans.id
      returning job.id
    ),

    told as (
      insert into supajobs.news (job_id) select ended.id from ended
    )

    select array_agg(ended.id) into v_parent_ids from ended;
  end loop;
end
$$;

-- Has those wait again whom the end of this job had ended, now that it runs again; theirs too. Not
-- those who have lost another parent.
create function supajobs.revive_descendants(p_parent_id uuid) returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_parent_ids uuid[] := array[p_parent_id];
  v_revived uuid[];
  v_all uuid[] := '{}';
  v_job public.plan_generation_jobs;
begin
  while v_parent_ids <> '{}' loop
    v_revived := '{}';
    update supajobs.edges set outcome = null
    where parent_id = any(v_parent_ids) and outcome is not null;

    for v_job in
      select child.* from public.plan_generation_jobs as child
      where
        child.id = any(array(
          select edge.job_id from supajobs.edges as edge
          where edge.parent_id = any(v_parent_ids)
        ))
        and child.status = 'cancelled'
        and child.error ->> 'code' in ('parent_failed', 'parent_cancelled', 'parent_deleted')
        and child.error #>> '{detail, parent_id}' = any(v_parent_ids::text[])
      order by child.id
      for no key update
    loop
      begin
        update public.plan_generation_jobs
        set
          status = 'pending',
          is_held = true,
          error = null,
          completed_at = null,
          expires_at = null,
          updated_at = v_now
        where id = v_job.id
        returning * into v_job;
        if
          exists (
            select from public.plan_job_types
            where
              job_type = v_job.job_type
              and coalesce(max_running_per_user, max_running_per_project) is not null
          )
        then
          perform supajobs.limit_by_key(v_job);
        end if;
        v_revived := v_revived || v_job.id;
      exception when unique_violation then
        null; -- a newer job has taken its place
      end;
    end loop;
    v_all := v_all || v_revived;
    v_parent_ids := v_revived;
  end loop;
  perform supajobs.end_orphans(array(
    select edge.parent_id from supajobs.edges as edge
    where edge.job_id = any(v_all) and edge.outcome is not null
  ));
end
$$;

-- Has a new job wait for its parents, which are of the same user: {ref: id}, or [id]. Those that
-- are locked wait: who ends one at this moment is heard first. Answers the job as it is then.
create function supajobs.follow(
  p_job public.plan_generation_jobs, p_after jsonb, p_on_parent_failure text
) returns public.plan_generation_jobs
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_parents jsonb := case jsonb_typeof(p_after)
    when 'object' then p_after
    when 'array' then (
      select coalesce(jsonb_object_agg(parent.id, parent.id), '{}')
      from jsonb_array_elements_text(p_after) as parent (id)
    )
  end;
  v_parent_ids uuid[];
  v_found integer;
  v_job public.plan_generation_jobs;
begin
  if v_parents is null or p_on_parent_failure not in ('cancel', 'run') then
    raise sqlstate 'PT422' using
      message = 'The parents of a job are a list of ids, or an object with an id for each name.',
      detail = 'after_malformed',
      hint = 'When one fails, the job is to "cancel" or to "run".';
  end if;
  begin
    v_parent_ids := array(
      select distinct parent.id::uuid from jsonb_each_text(v_parents) as parent (ref, id)
    );
  exception when invalid_text_representation then
    v_parent_ids := null;
  end;
  perform from public.plan_generation_jobs as parent
  where
    parent.id = any(v_parent_ids)
    and parent.id <> p_job.id
    and parent.user_id is not distinct from p_job.user_id
  order by parent.id
  for no key update;
  get diagnostics v_found = row_count;
  if cardinality(v_parent_ids) is distinct from v_found then
    raise sqlstate 'PT422' using
      message = 'A job waits for jobs of the same user, and not all of these are there.',
      detail = 'parent_not_found',
      hint = 'Send the ids of jobs that have not been deleted.';
  end if;
  if (select count(*) from jsonb_object_keys(v_parents)) > 1000 then
    raise sqlstate 'PT422' using
      message = 'A job waits for 1000 others at most, by as many names.',
      detail = 'too_many_parents',
      hint = 'Have some jobs in between, which gather the results of a part.';
  end if;

  insert into supajobs.edges (job_id, parent_id, ref, on_parent_failure)
  select p_job.id, parent.id::uuid, parent.ref, p_on_parent_failure
  from jsonb_each_text(v_parents) as parent (ref, id);
  update public.plan_generation_jobs set has_ties = true
  where id = any(v_parent_ids) and not has_ties;

  -- The news of those that have ended already may have been read.
  update supajobs.edges as edge
  set outcome = parent.status
  from public.plan_generation_jobs as parent
  where
    edge.job_id = p_job.id
    and parent.id = edge.parent_id
    and parent.completed_at is not null;
  if found then
    perform supajobs.end_orphans(array(
      select edge.parent_id from supajobs.edges as edge
      where edge.job_id = p_job.id and edge.outcome <> 'completed'
    ));
    perform supajobs.let_go(array[p_job.id]);
  end if;
  select * into v_job from public.plan_generation_jobs where id = p_job.id;
  return v_job;
end
$$;

-- Lets go of those of these held jobs that have no parent left to wait for: each comes into its
-- lane with the next claim once it is due, unless its key is to have room first.
create function supajobs.let_go(p_job_ids uuid[]) returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  with free as (
    select
      child.id,
      -- Else it is held when it is due.
      child.run_at <= v_now and supajobs.is_limited_by_key(child.id) as is_limited
    from public.plan_generation_jobs as child
    where
      child.id = any(p_job_ids)
      and child.is_held
      and child.status = 'pending'
      and not exists (
        select from supajobs.edges as edge
        where edge.job_id = child.id and edge.outcome is null
      )
    order by child.id
    for no key update
  ),

  arrived as (
    insert into supajobs.news (job_id) select free.id from free
    where free.is_limited
  )

  update public.plan_generation_jobs as job
  set
    is_held = free.is_limited,
    run_at = greatest(job.run_at, v_now),
    updated_at = v_now
  from free
  where job.id = free.id;
end
$$;

-- Notes how parents have ended, for a thousand edges at a time, and lets the children go or ends
-- them. A parent that was given up for lost may have completed since.
create function supajobs.tell_children(p_parent_ids uuid[]) returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_parent_id uuid;
  v_child_ids uuid[];
  v_without_result uuid[];
  v_noted integer;
begin
  for v_parent_id in
    select distinct parent.id
    from unnest(p_parent_ids) as told (id) -- a thousand are looked up, not compared with each edge
    inner join supajobs.edges as edge on told.id = edge.parent_id
    inner join public.plan_generation_jobs as parent on edge.parent_id = parent.id
    where edge.outcome <> 'completed' and parent.status = 'completed'
  loop
    perform supajobs.revive_descendants(v_parent_id);
  end loop;

  with ended as (
    select edge.job_id, edge.parent_id, edge.ref, coalesce(parent.status, 'deleted') as outcome
    from unnest(p_parent_ids) as told (id)
    inner join supajobs.edges as edge on told.id = edge.parent_id
    left join public.plan_generation_jobs as parent on edge.parent_id = parent.id
    where edge.outcome is null and (parent.id is null or parent.completed_at is not null)
    limit 1000
  ),

  noted as (
    update supajobs.edges as edge
    set outcome = ended.outcome
    from ended
    where
      edge.job_id = ended.job_id
      and edge.parent_id = ended.parent_id
      and edge.ref = ended.ref
    returning edge.job_id, edge.parent_id, edge.outcome
  )

  select
    array_agg(distinct noted.job_id),
    array_agg(distinct noted.parent_id) filter (where noted.outcome <> 'completed'),
    count(*)
  into v_child_ids, v_without_result, v_noted
  from noted;

  if v_without_result is not null then
    perform supajobs.end_orphans(v_without_result);
  end if;
  if v_child_ids is not null then
    perform supajobs.let_go(v_child_ids);
    if v_noted = 1000 then
      insert into supajobs.news (job_id) select told.id from unnest(p_parent_ids) as told (id);
    end if;
  end if;
end
$$;

-- The last runs of a running job's parents, whose spans its own is to link to: [{job_id, claim_id,
-- trace_id}], a hundred of them at most.
create function public.get_plan_job_origins(p_job_id uuid, p_claim_id uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(json_agg(origin), '[]')
    from (
      select distinct parent.id as job_id, parent.claim_id, parent.trace_id
      from public.plan_generation_jobs as job
      inner join supajobs.edges as edge on job.id = edge.job_id
      inner join public.plan_generation_jobs as parent on edge.parent_id = parent.id
      where
        job.id = p_job_id
        and job.claim_id = p_claim_id
        and job.status = 'processing'
        and num_nulls(parent.claim_id, parent.trace_id) = 0
      order by parent.id
      limit 100
    ) as origin
  );
end
$$;

-- What came before a running job: {outcome, parents: [{ref, job_id, job_type, status, result,
-- error}]}. Of a parent that was deleted since, how it ended is all there is. Outcomes: found
-- | stale.
create function public.get_plan_job_parents(p_job_id uuid, p_claim_id uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
begin
  if not exists (
    select from public.plan_generation_jobs
    where id = p_job_id and claim_id = p_claim_id and status = 'processing'
  ) then
    return '{"outcome": "stale"}';
  end if;
  return json_build_object(
    'outcome', 'found',
    'parents', (
      select
        coalesce(
          json_agg(
            json_build_object(
              'ref', edge.ref,
              'job_id', edge.parent_id,
              'job_type', parent.job_type,
              'status', coalesce(parent.status, edge.outcome),
              'result', parent.result,
              'error', parent.error
            )
            order by edge.parent_id, edge.ref
          ),
          '[]'
        )
      from supajobs.edges as edge
      left join public.plan_generation_jobs as parent on edge.parent_id = parent.id
      where edge.job_id = p_job_id
    )
  );
end
$$;

-- The flow that a user's job belongs to, a thousand jobs of it at most: {jobs: [{id, job_type,
-- status, is_held, created_at, started_at, completed_at}], edges: [{job_id, parent_id, ref,
-- on_parent_failure}]}; the one that was asked for first. null: the user has no such job.
create function public.get_plan_job_flow(p_job_id uuid, p_user_id uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
declare
  v_known uuid[];
begin
  with recursive known (id) as (
    select job.id from public.plan_generation_jobs as job
    where job.id = p_job_id and job.user_id is not distinct from p_user_id
    union
    select neighbour.id
    from known
    cross join lateral (
      select edge.parent_id as id from supajobs.edges as edge where edge.job_id = known.id
      union all
      select edge.job_id from supajobs.edges as edge where edge.parent_id = known.id
    ) as neighbour
  )

  select array_agg(reached.id) into v_known
  from (select known.id from known limit 1000) as reached;
  if v_known is null then
    return null;
  end if;
  return json_build_object(
    'jobs', (
      select
        json_agg(
          json_build_object(
            'id', job.id,
            'job_type', job.job_type,
            'status', job.status,
            'is_held', job.is_held,
            'created_at', job.created_at,
            'started_at', job.started_at,
            'completed_at', job.completed_at
          )
          order by job.id <> p_job_id, job.id
        )
      from public.plan_generation_jobs as job
      where job.id = any(v_known)
    ),
    'edges', (
      select
        coalesce(
          json_agg(
            json_build_object(
              'job_id', edge.job_id,
              'parent_id', edge.parent_id,
              'ref', edge.ref,
              'on_parent_failure', edge.on_parent_failure
            )
            order by edge.job_id, edge.parent_id, edge.ref
          ),
          '[]'
        )
      from supajobs.edges as edge
      where edge.job_id = any(v_known) and edge.parent_id = any(v_known)
    )
  );
end
$$;

revoke all on function
public.get_plan_job_parents,
public.get_plan_job_flow,
public.get_plan_job_origins
from public, anon, authenticated;
grant execute on function
public.get_plan_job_parents,
public.get_plan_job_flow,
public.get_plan_job_origins
to service_role;
