\echo Use "create extension pg_cron" to load this file. \quit

create schema cron;

create sequence cron.jobid_seq;
create sequence cron.runid_seq;

create table cron.job (
    jobid bigint primary key default nextval('cron.jobid_seq'),
    schedule text not null,
    command text not null,
    nodename text not null default 'localhost',
    nodeport int not null default inet_server_port(),
    database text not null default current_database(),
    username text not null default current_user,
    active boolean not null default true,
    jobname text,
    constraint jobname_username_uniq unique (jobname, username)
);
alter table cron.job enable row level security;
create policy cron_job_policy on cron.job using (username = current_user);
grant select on cron.job to public;

create table cron.job_run_details (
    jobid bigint,
    runid bigint primary key default nextval('cron.runid_seq'),
    job_pid int,
    database text,
    username text,
    command text,
    status text,
    return_message text,
    start_time timestamptz,
    end_time timestamptz
);
alter table cron.job_run_details enable row level security;
create policy cron_job_run_details_policy on cron.job_run_details using (username = current_user);
grant select, delete on cron.job_run_details to public;

-- The real functions write cron.job in C, past the caller's privileges but under the caller's
-- name. Here a public function (invoker) hands its current_user to a private one (definer).

create function cron._checked(schedule text) returns text
language plpgsql immutable strict set search_path = '' as $$
begin
    if schedule ~* '^\s*([1-9]|[1-5][0-9])\s+seconds?\s*$'
        or schedule ~* '^\s*@(yearly|annually|monthly|weekly|daily|midnight|hourly)\s*$'
        or schedule ~* '^\s*([0-9*/,$-]+\s+){3}[0-9a-z*/,-]+\s+[0-9a-z*/,-]+\s*$'
    then
        return schedule;
    end if;
    raise exception 'invalid schedule: %', schedule using
        errcode = '22023',
        hint = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
end $$;

create function cron._schedule(
    job_name text, schedule text, command text, database text, username text, active boolean
) returns bigint
language sql security definer set search_path = '' as $$
    insert into cron.job (jobname, schedule, command, database, username, active)
    values (job_name, cron._checked(schedule), command, database, username, active)
    on conflict on constraint jobname_username_uniq do update
    set schedule = excluded.schedule, command = excluded.command, active = excluded.active
    returning jobid
$$;

create function cron._unschedule(job_id bigint, job_name text, username text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
    delete from cron.job j
    where (j.jobid = job_id or j.jobname = job_name) and j.username = _unschedule.username;
    if not found then
        raise exception 'could not find valid entry for job ''%''',
            coalesce(job_name, job_id::text);
    end if;
    return true;
end $$;

create function cron._alter_job(
    job_id bigint, schedule text, command text, database text, username text, active boolean,
    caller text
) returns void
language plpgsql security definer set search_path = '' as $$
begin
    update cron.job j set
        schedule = coalesce(cron._checked(_alter_job.schedule), j.schedule),
        command = coalesce(_alter_job.command, j.command),
        database = coalesce(_alter_job.database, j.database),
        username = coalesce(_alter_job.username, j.username),
        active = coalesce(_alter_job.active, j.active)
    where j.jobid = job_id and j.username = caller;
    if not found then
        raise exception 'Job % does not exist or you don''t own it', job_id;
    end if;
end $$;

create function cron.schedule(schedule text, command text) returns bigint
language sql set search_path = '' as $$
    select cron._schedule(null, schedule, command, current_database(), current_user, true)
$$;

create function cron.schedule(job_name text, schedule text, command text) returns bigint
language sql set search_path = '' as $$
    select cron._schedule(job_name, schedule, command, current_database(), current_user, true)
$$;

create function cron.schedule_in_database(
    job_name text, schedule text, command text, database text,
    username text default null, active boolean default true
) returns bigint
language sql set search_path = '' as $$
    select cron._schedule(
        job_name, schedule, command, database, coalesce(username, current_user), active
    )
$$;

create function cron.unschedule(job_id bigint) returns boolean
language sql set search_path = '' as $$ select cron._unschedule(job_id, null, current_user) $$;

create function cron.unschedule(job_name text) returns boolean
language sql set search_path = '' as $$ select cron._unschedule(null, job_name, current_user) $$;

create function cron.alter_job(
    job_id bigint, schedule text default null, command text default null,
    database text default null, username text default null, active boolean default null
) returns void
language sql set search_path = '' as $$
    select cron._alter_job(job_id, schedule, command, database, username, active, current_user)
$$;

revoke all on function cron.schedule_in_database, cron.alter_job from public;

-- What Supabase grants after `create extension`.
grant usage on schema cron to postgres with grant option;
grant all on all tables in schema cron to postgres with grant option;
grant all on all sequences in schema cron to postgres with grant option;
grant all on all functions in schema cron to postgres with grant option;
revoke all on cron.job from postgres;
grant select on cron.job to postgres with grant option;
