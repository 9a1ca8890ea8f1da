-- The family of projects: repositories that users connect, and what jobs find in them: the tasks of
-- the plan, the skills that the code shows, and what each refresh has changed.

create table public.plan_projects (
  id uuid primary key default supajobs.new_id(),
  user_id uuid not null references auth.users (id) on delete cascade,
  name text not null,
  repository_url text not null,
  branch text,
  plan_path text not null default 'PLAN.md',
  has_token boolean not null default false,
  commit_id text,
  committed_at timestamptz,
  title text,
  progress jsonb,
  phases jsonb not null default '[]',
  warnings jsonb not null default '[]',
  processed_at timestamptz,
  skills_extracted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint plan_projects_one_of_each_name unique (user_id, name),
  constraint plan_projects_name_fits check (length(name) between 1 and 100),
  constraint plan_projects_repository_url_fits check (length(repository_url) between 1 and 2000),
  constraint plan_projects_branch_fits check (length(branch) between 1 and 255),
  constraint plan_projects_plan_path_fits check (length(plan_path) between 1 and 1000)
);
comment on table public.plan_projects is
'Repositories that users have connected, and what the last jobs have found there.';
comment on column public.plan_projects.branch is
'Null: the one that the repository itself takes for its first.';
comment on column public.plan_projects.plan_path is
'Where the plan is: a path, or a pattern such as docs/**/plan*.md.';
comment on column public.plan_projects.has_token is
'Whether a token for a private repository is kept, where clients do not see it.';
comment on column public.plan_projects.commit_id is
'The one that was looked at last.';
comment on column public.plan_projects.progress is
'{percentage, done_weight, total_weight, by_state}; null: no plan was found.';
comment on column public.plan_projects.phases is
'How far each phase of the plan is: [{path, names, percentage, done_weight, total_weight}].';
comment on column public.plan_projects.warnings is
'What could not be understood: [{path, line, code, message}].';
create index plan_projects_by_user on public.plan_projects (user_id, id);

create table public.plan_project_tasks (
  project_id uuid not null references public.plan_projects (id) on delete cascade,
  key text not null,
  position integer not null,
  parent_key text,
  path text not null,
  line integer not null,
  phase text[] not null default '{}',
  number text,
  text text not null,
  state text not null,
  due date,
  owners text[] not null default '{}',
  weight double precision not null,
  estimated boolean not null default false,
  links text[] not null default '{}',

  constraint plan_project_tasks_pkey primary key (project_id, key),
  constraint plan_project_tasks_state_known check (state in ('open', 'doing', 'done', 'dropped')),
  constraint plan_project_tasks_weight_in_range check (weight >= 0 and weight < 'infinity')
);
comment on column public.plan_project_tasks.phase is
'The headings above it, the outermost first.';
comment on column public.plan_project_tasks.weight is
'In days, where the plan says how long it takes (estimated); else 1.';
comment on table public.plan_project_tasks is
'The tasks of a project''s plan, as they stood at its commit. Their key survives that a task moves
to another line or is ticked off.';

create table public.plan_project_skills (
  project_id uuid not null references public.plan_projects (id) on delete cascade,
  kind text not null,
  name text not null,
  bytes bigint,
  share double precision,
  confidence double precision not null,
  versions text[] not null default '{}',
  evidence jsonb not null default '[]',

  constraint plan_project_skills_pkey primary key (project_id, kind, name),
  constraint plan_project_skills_confidence_in_range check (confidence between 0 and 1)
);
comment on table public.plan_project_skills is
'What the code of a project shows: its languages (with bytes, and percent of all), frameworks and
tools.';
comment on column public.plan_project_skills.evidence is
'Where it is seen: [{path, line}].';

-- Their jobs are forgotten with time; this is what is shown of them later.
create table public.plan_project_refreshes (
  job_id uuid primary key,
  project_id uuid not null references public.plan_projects (id) on delete cascade,
  job_type text not null,
  commit_id text not null,
  committed_at timestamptz,
  percentage double precision,
  changes jsonb not null,
  completed_at timestamptz not null default clock_timestamp()
);
comment on table public.plan_project_refreshes is
'What completed jobs have changed in a project: the last 500 of each.';
create index plan_project_refreshes_by_project
on public.plan_project_refreshes (project_id, job_id);

-- What a project needs and nobody reads: encrypted by the server, which has the key.
create table supajobs.project_secrets (
  project_id uuid not null references public.plan_projects (id) on delete cascade,
  name text not null,
  ciphertext text not null,

  constraint project_secrets_pkey primary key (project_id, name),
  constraint project_secrets_name_known check (name in ('token', 'webhook'))
);

-- When users have added projects, also those that they have deleted again.
create table supajobs.added_projects (
  project_id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  added_at timestamptz not null default clock_timestamp()
);
create index added_projects_by_user on supajobs.added_projects (user_id, added_at);

alter table public.plan_projects enable row level security;
alter table public.plan_project_tasks enable row level security;
alter table public.plan_project_skills enable row level security;
alter table public.plan_project_refreshes enable row level security;
create policy plan_projects_read_by_owner on public.plan_projects
for select to authenticated using ((select auth.uid()) = user_id);
create policy plan_project_tasks_read_by_owner on public.plan_project_tasks
for select to authenticated
using (project_id in (select mine.id from public.plan_projects as mine));
create policy plan_project_skills_read_by_owner on public.plan_project_skills
for select to authenticated
using (project_id in (select mine.id from public.plan_projects as mine));
create policy plan_project_refreshes_read_by_owner on public.plan_project_refreshes
for select to authenticated
using (project_id in (select mine.id from public.plan_projects as mine));
revoke all on table
public.plan_projects, public.plan_project_tasks, public.plan_project_skills,
public.plan_project_refreshes
from public, anon, authenticated, service_role;
grant select, insert, update, delete on table
public.plan_projects, public.plan_project_tasks, public.plan_project_skills,
public.plan_project_refreshes
to service_role;
grant select on table
public.plan_projects, public.plan_project_tasks, public.plan_project_skills,
public.plan_project_refreshes
to authenticated;

-- Keeps a secret of a project, or with null forgets it.
create function supajobs.keep_project_secret(
  p_project_id uuid, p_name text, p_ciphertext text
) returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  if p_ciphertext is null then
    delete from supajobs.project_secrets where project_id = p_project_id and name = p_name;
  else
    insert into supajobs.project_secrets (project_id, name, ciphertext)
    values (p_project_id, p_name, p_ciphertext)
    on conflict (project_id, name) do update set ciphertext = excluded.ciphertext;
  end if;
end
$$;

-- Connects a repository: p_project has {name, repository_url, branch?, plan_path?, token?}, the
-- token encrypted. Outcomes: created | existing (there is one just like it: it gets this token) |
-- name_taken | too_many | rate_limited, with retry_after.
create function public.create_plan_project(
  p_user_id uuid, p_project jsonb, p_max_projects integer default 100,
  p_max_per_hour integer default 10
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_new public.plan_projects := jsonb_populate_record(
    null::public.plan_projects, '{"plan_path": "PLAN.md"}' || p_project
  );
  v_known public.plan_projects;
  v_free_at timestamptz;
begin
  -- Counting and adding are one step for each user.
  perform pg_advisory_xact_lock(hashtextextended(p_user_id::text || ':projects', 0));

  select * into v_known from public.plan_projects where user_id = p_user_id and name = v_new.name;
  if found then
    if
      v_known.repository_url <> v_new.repository_url
      or v_known.branch is distinct from v_new.branch
      or v_known.plan_path <> v_new.plan_path
      or v_known.has_token <> (p_project ->> 'token' is not null)
    then
      return '{"outcome": "name_taken"}';
    end if;
    perform supajobs.keep_project_secret(v_known.id, 'token', p_project ->> 'token');
    return json_build_object('outcome', 'existing', 'project', v_known);
  end if;
  if (select count(*) from public.plan_projects where user_id = p_user_id) >= p_max_projects then
    return '{"outcome": "too_many"}';
  end if;

  delete from supajobs.added_projects
  where user_id = p_user_id and added_at <= clock_timestamp() - interval '1 hour';
  select min(latest.added_at) + interval '1 hour' into v_free_at
  from (
    select added_at from supajobs.added_projects
    where user_id = p_user_id
    order by added_at desc
    limit p_max_per_hour
  ) as latest
  having count(*) >= p_max_per_hour;
  if v_free_at is not null then
    return json_build_object(
      'outcome', 'rate_limited',
      'retry_after', greatest(1, ceil(extract(epoch from v_free_at - clock_timestamp())))::integer
    );
  end if;

  insert into public.plan_projects (user_id, name, repository_url, branch, plan_path, has_token)
  values (
    p_user_id, v_new.name, v_new.repository_url, v_new.branch, v_new.plan_path,
    p_project ->> 'token' is not null
  )
  returning * into v_new;
  insert into supajobs.added_projects (project_id, user_id) values (v_new.id, p_user_id);
  perform supajobs.keep_project_secret(v_new.id, 'token', p_project ->> 'token');
  return json_build_object('outcome', 'created', 'project', v_new);
end
$$;

-- Changes a user's project: p_changes has what is to be other of {name, repository_url, branch,
-- plan_path, token}. A token is for one repository: it is forgotten where another one is named
-- without it, as is what was found elsewhere. Outcomes: updated | not_found | name_taken.
create function public.update_plan_project(p_project_id uuid, p_user_id uuid, p_changes jsonb)
returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_project public.plan_projects;
  v_told public.plan_projects;
  v_sets_token boolean;
  v_is_elsewhere boolean;
begin
  select * into v_project from public.plan_projects
  where id = p_project_id and user_id = p_user_id
  for no key update;
  if not found then
    return '{"outcome": "not_found"}';
  end if;

  v_told := jsonb_populate_record(v_project, p_changes);
  v_sets_token := p_changes ? 'token' or v_told.repository_url <> v_project.repository_url;
  if v_sets_token then
    perform supajobs.keep_project_secret(p_project_id, 'token', p_changes ->> 'token');
  end if;
  v_is_elsewhere := (v_told.repository_url, v_told.branch)
  is distinct from (v_project.repository_url, v_project.branch);
  if v_is_elsewhere or v_told.plan_path <> v_project.plan_path then
    delete from public.plan_project_tasks where project_id = p_project_id;
    v_project.title := null;
    v_project.progress := null;
    v_project.phases := '[]';
    v_project.warnings := '[]';
    v_project.processed_at := null;
  end if;
  if v_is_elsewhere then
    delete from public.plan_project_skills where project_id = p_project_id;
    delete from public.plan_project_refreshes where project_id = p_project_id;
    v_project.commit_id := null;
    v_project.committed_at := null;
    v_project.skills_extracted_at := null;
  end if;
  update public.plan_projects
  set
    name = v_told.name,
    repository_url = v_told.repository_url,
    branch = v_told.branch,
    plan_path = v_told.plan_path,
    has_token = case
      when v_sets_token then p_changes ->> 'token' is not null else has_token
    end,
    title = v_project.title,
    progress = v_project.progress,
    phases = v_project.phases,
    warnings = v_project.warnings,
    processed_at = v_project.processed_at,
    commit_id = v_project.commit_id,
    committed_at = v_project.committed_at,
    skills_extracted_at = v_project.skills_extracted_at,
    updated_at = clock_timestamp()
  where id = p_project_id
  returning * into v_project;
  return json_build_object('outcome', 'updated', 'project', v_project);
exception when unique_violation then
  return '{"outcome": "name_taken"}';
end
$$;

-- Deletes a user's project with all that was found in it. Its jobs of this family end, and its
-- schedules. Outcomes: deleted | not_found.
create function public.delete_plan_project(p_project_id uuid, p_user_id uuid) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  if not exists (
    select from public.plan_projects as project
    where project.id = p_project_id and project.user_id = p_user_id
  ) then
    return '{"outcome": "not_found"}';
  end if;

  -- Jobs before their project: a job that stores what it found has taken its own row first.
  perform public.cancel_plan_job(job.id, p_user_id)
  from public.plan_generation_jobs as job
  inner join public.plan_job_types as type on job.job_type = type.job_type
  where
    job.user_id = p_user_id
    and job.project_id = p_project_id
    and job.status in ('pending', 'processing')
    and type.stored_by = 'supajobs.store_project';
  delete from public.plan_job_schedules as schedule
  using public.plan_job_types as type
  where
    schedule.project_id = p_project_id
    and schedule.user_id = p_user_id
    and type.job_type = schedule.job_type
    and type.stored_by = 'supajobs.store_project';
  delete from public.plan_projects where id = p_project_id and user_id = p_user_id;
  return json_build_object('outcome', case when found then 'deleted' else 'not_found' end);
end
$$;

-- For how many seconds a user who asks for a refresh by hand (with priority 8) has to wait, after
-- so many of this project in so many seconds; null: for none. Those of schedules and pushes do not
-- count; nor does one more request while a refresh is on its way, for that is its answer, or with a
-- key that came before.
create function public.get_plan_project_pause(
  p_project_id uuid, p_user_id uuid, p_idempotency_key text, p_max_refreshes integer default 5,
  p_seconds integer default 300
) returns integer
language sql
stable
set search_path = ''
as $$
  select greatest(
    1, ceil(extract(epoch from asked.created_at - now()) + p_seconds)
  )::integer
  from public.plan_generation_jobs as asked
  where
    asked.user_id = p_user_id
    and asked.id >= public.plan_job_id_at(now() - make_interval(secs => p_seconds))
    and asked.project_id = p_project_id
    and asked.job_type = 'project_refresh'
    and asked.priority = 8
    and not exists (
      select from public.plan_generation_jobs as active
      where
        active.dedupe_key
        = 'project_refresh:user:' || p_user_id || ':project:' || p_project_id
        and active.status in ('pending', 'processing')
    )
    and not exists (
      select from public.plan_generation_jobs as known
      where known.user_id = p_user_id and known.idempotency_key = p_idempotency_key
    )
    and not exists (
      select from supajobs.answered_keys as known
      where known.user_id = p_user_id and known.idempotency_key = p_idempotency_key
    )
  order by asked.id desc
  offset p_max_refreshes - 1
  limit 1;
$$;

-- Keeps what the forge of a project signs its calls with, encrypted, or with null forgets it.
-- Outcomes: updated | not_found.
create function public.set_plan_project_webhook(
  p_project_id uuid, p_user_id uuid, p_ciphertext text
) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform from public.plan_projects
  where id = p_project_id and user_id = p_user_id
  for key share;
  if not found then
    return '{"outcome": "not_found"}';
  end if;
  perform supajobs.keep_project_secret(p_project_id, 'webhook', p_ciphertext);
  return '{"outcome": "updated"}';
end
$$;

-- Whose project a forge calls about, and what that signs its calls with: {user_id, ciphertext}, or
-- null where it has no webhook.
create function public.get_plan_project_webhook(p_project_id uuid) returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object('user_id', project.user_id, 'ciphertext', secret.ciphertext)
  from supajobs.project_secrets as secret
  inner join public.plan_projects as project on secret.project_id = project.id
  where secret.project_id = p_project_id and secret.name = 'webhook'
$$;

-- What a running job is to look at: {outcome, project?: {repository_url, branch, plan_path},
-- token?}, the token as it was encrypted. Outcomes: found | gone (its user has no such project) |
-- stale.
create function public.get_plan_job_project(p_job_id uuid, p_claim_id uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
begin
  return coalesce(
    (
      select
        case
          when project.id is null then '{"outcome": "gone"}'::json
          else json_build_object(
            'outcome', 'found',
            'project', json_build_object(
              'repository_url', project.repository_url,
              'branch', project.branch,
              'plan_path', project.plan_path
            ),
            'token', secret.ciphertext
          )
        end
      from public.plan_generation_jobs as job
      left join public.plan_projects as project
        on job.project_id = project.id and job.user_id = project.user_id
      left join supajobs.project_secrets as secret
        on project.id = secret.project_id and secret.name = 'token'
      where job.id = p_job_id and job.claim_id = p_claim_id and job.status = 'processing'
    ),
    '{"outcome": "stale"}'
  );
end
$$;

-- Makes the tasks of a project what a plan says, and tells what that changes:
-- {added, removed, completed, reopened}. Rows that stay as they are, are not written.
create function supajobs.store_project_tasks(p_project_id uuid, p_tasks jsonb) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_changes jsonb;
begin
  with told as materialized (
    select
      task.key, task.position, task.parent_key, task.path, task.line, task.number, task.text,
      task.state, task.due, task.weight, coalesce(task.phase, '{}') as phase,
      coalesce(task.owners, '{}') as owners, coalesce(task.estimated, false) as estimated,
      coalesce(task.links, '{}') as links
    from jsonb_to_recordset(p_tasks) as task (
      key text, position integer, parent_key text, path text, line integer, phase text [],
      number text, text text, state text, due date, owners text [], weight double precision,
      estimated boolean, links text []
    )
  ),

  removed as (
    delete from public.plan_project_tasks as task
    where task.project_id = p_project_id and not exists (
      select from told where told.key = task.key
    )
    returning task.key
  ),

  stored as (
    insert into public.plan_project_tasks as task (
      project_id, key, position, parent_key, path, line, phase, number, text, state, due, owners,
      weight, estimated, links
    )
    select
      p_project_id, told.key, told.position, told.parent_key, told.path, told.line, told.phase,
      told.number, told.text, told.state, told.due, told.owners, told.weight, told.estimated,
      told.links
    from told
    on conflict (project_id, key) do update
    set
      position = excluded.position, parent_key = excluded.parent_key, path = excluded.path,
      line = excluded.line, phase = excluded.phase, number = excluded.number,
      text = excluded.text, state = excluded.state, due = excluded.due,
      owners = excluded.owners, weight = excluded.weight, estimated = excluded.estimated,
      links = excluded.links
    where task.* is distinct from excluded.*
  )

  select
    jsonb_build_object(
      'added', count(*) filter (where known.key is null),
      'removed', (select count(*) from removed),
      'completed', count(*) filter (where told.state = 'done' and known.state <> 'done'),
      'reopened', count(*) filter (where told.state <> 'done' and known.state = 'done')
    )
  into v_changes
  from told
  left join public.plan_project_tasks as known
    on known.project_id = p_project_id and told.key = known.key;
  return v_changes;
end
$$;

-- The same for what the code shows: {skills_added, skills_removed}, names, fifty at most of each.
create function supajobs.store_project_skills(p_project_id uuid, p_skills jsonb) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_changes jsonb;
begin
  with told as materialized (
    select
      skill.kind, skill.name, skill.bytes, skill.share, coalesce(skill.confidence, 1) as confidence,
      coalesce(skill.versions, '{}') as versions, coalesce(skill.evidence, '[]') as evidence
    from jsonb_to_recordset(p_skills) as skill (
      kind text, name text, bytes bigint, share double precision, confidence double precision,
      versions text [], evidence jsonb
    )
  ),

  removed as (
    delete from public.plan_project_skills as skill
    where skill.project_id = p_project_id and not exists (
      select from told where told.kind = skill.kind and told.name = skill.name
    )
    returning skill.name
  ),

  stored as (
    insert into public.plan_project_skills as skill (
      project_id, kind, name, bytes, share, confidence, versions, evidence
    )
    select
      p_project_id, told.kind, told.name, told.bytes, told.share, told.confidence, told.versions,
      told.evidence
    from told
    on conflict (project_id, kind, name) do update
    set
      bytes = excluded.bytes, share = excluded.share, confidence = excluded.confidence,
      versions = excluded.versions, evidence = excluded.evidence
    where skill.* is distinct from excluded.*
  ),

  added as (
    select told.name from told
    where not exists (
      select from public.plan_project_skills as known
      where
        known.project_id = p_project_id and known.kind = told.kind and known.name = told.name
    )
  )

  select
    jsonb_build_object(
      'skills_added', to_jsonb(array(select name from added order by name limit 50)),
      'skills_removed', to_jsonb(array(select name from removed order by name limit 50))
    )
  into v_changes;
  return v_changes;
end
$$;

-- Stores what a job has found: p_store has {source: {repository_url, branch, plan_path}, commit_id,
-- committed_at, plan?: {title, progress, warnings, tasks}, skills?: [...]}. It returns {commit_id,
-- percentage, changes}.
create function supajobs.store_project(p_job jsonb, p_store jsonb) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_project public.plan_projects;
  v_changes jsonb := '{}';
  v_percentage double precision := p_store -> 'plan' -> 'progress' -> 'percentage';
begin
  select * into v_project from public.plan_projects
  where id = (p_job ->> 'project_id')::uuid and user_id = (p_job ->> 'user_id')::uuid
  for no key update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'The project has been deleted.',
      detail = 'project_not_found';
  end if;
  if
    p_store -> 'source' is distinct from jsonb_build_object(
      'repository_url', v_project.repository_url,
      'branch', v_project.branch,
      'plan_path', v_project.plan_path
    )
  then
    -- No verdict on the data: the next attempt looks at what the project is now.
    raise exception 'The project was changed while the job ran.';
  end if;

  if p_store ? 'plan' then
    v_changes := v_changes || jsonb_build_object(
      'percentage_before', v_project.progress -> 'percentage', 'percentage', v_percentage
    );
    v_changes := v_changes || supajobs.store_project_tasks(
      v_project.id, p_store -> 'plan' -> 'tasks'
    );
  end if;
  if p_store ? 'skills' then
    v_changes := v_changes || supajobs.store_project_skills(v_project.id, p_store -> 'skills');
  end if;

  update public.plan_projects
  set
    commit_id = p_store ->> 'commit_id',
    committed_at = (p_store ->> 'committed_at')::timestamptz,
    title = case when p_store ? 'plan' then p_store -> 'plan' ->> 'title' else title end,
    progress = case
      when p_store ? 'plan' then nullif(p_store -> 'plan' -> 'progress', 'null') - 'by_phase'
      else progress
    end,
    phases = case
      when p_store ? 'plan' then coalesce(p_store -> 'plan' -> 'progress' -> 'by_phase', '[]')
      else phases
    end,
    warnings = case when p_store ? 'plan' then p_store -> 'plan' -> 'warnings' else warnings end,
    processed_at = case when p_store ? 'plan' then clock_timestamp() else processed_at end,
    skills_extracted_at = case
      when p_store ? 'skills' then clock_timestamp() else skills_extracted_at
    end
  where id = v_project.id;

  -- A job that was retried after its end has a row already.
  insert into public.plan_project_refreshes (
    job_id, project_id, job_type, commit_id, committed_at, percentage, changes
  )
  values (
    (p_job ->> 'id')::uuid, v_project.id, p_job ->> 'job_type', p_store ->> 'commit_id',
    (p_store ->> 'committed_at')::timestamptz, v_percentage, v_changes
  )
  on conflict (job_id) do update
  set
    commit_id = excluded.commit_id, committed_at = excluded.committed_at,
    percentage = excluded.percentage, changes = excluded.changes,
    completed_at = excluded.completed_at;
  delete from public.plan_project_refreshes as old
  where
    old.project_id = v_project.id
    and old.job_id < (
      select kept.job_id from public.plan_project_refreshes as kept
      where kept.project_id = v_project.id
      order by kept.job_id desc
      offset 499
      limit 1
    );
  return jsonb_build_object(
    'commit_id', p_store ->> 'commit_id', 'percentage', v_percentage, 'changes', v_changes
  );
end
$$;

revoke all on function
public.create_plan_project, public.update_plan_project, public.delete_plan_project,
public.set_plan_project_webhook, public.get_plan_project_webhook, public.get_plan_job_project,
public.get_plan_project_pause
from public, anon, authenticated;
grant execute on function
public.create_plan_project, public.update_plan_project, public.delete_plan_project,
public.set_plan_project_webhook, public.get_plan_project_webhook, public.get_plan_job_project,
public.get_plan_project_pause
to service_role;

-- Of each project one at a time, and of a user two. The rate is for a hundred projects of a user,
-- with their schedules and pushes; that of a button is get_plan_project_pause's.
insert into public.plan_job_types (
  job_type, description, dedupe_by, max_enqueues, enqueue_window_seconds, max_running_per_user,
  max_runtime_seconds, stored_by
)
values
(
  'project_refresh', 'A project''s plan and skills, of one commit', 'project', 300, 300, 2, 300,
  'supajobs.store_project'
),
(
  'project_processing', 'The tasks and the progress of a project''s plan', 'project', 300, 300, 2,
  300, 'supajobs.store_project'
),
(
  'skills_extraction', 'What the code of a project shows of skills', 'project', 300, 300, 2, 300,
  'supajobs.store_project'
);
