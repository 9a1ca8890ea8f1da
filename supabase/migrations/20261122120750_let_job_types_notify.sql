-- Whether somebody is told of the end of a job. enqueue_plan_job copies it from the type, as it
-- copies its limits: the condition of a trigger then decides alone, and the end of a job that tells
-- nobody costs no look-up (it would be 4 µs, a quarter of what a completion in a batch costs).

alter table public.plan_job_types add column notifies boolean not null default false;
alter table public.plan_generation_jobs add column notifies boolean not null default false;

comment on column public.plan_job_types.notifies is
'Whether the user''s devices and the webhook are told of the end of new jobs: completed, or failed
for good. What devices show is in plan_job_messages.';

update public.plan_job_types set notifies = true where job_type = 'training_plan';
update public.plan_generation_jobs set notifies = true
where job_type = 'training_plan' and status in ('pending', 'processing');
