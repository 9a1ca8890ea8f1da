begin;
select plan(5);

select
  throws_ok(
    format('select public.set_up_plan_job_processing(%L, %L)', url, secret),
    'PT422',
    'The processor has an address, https://…, and a secret of at least 16 characters.',
    said
  )
from (
  values
  ('ftp://app.example', 'open sesame, again', 'another protocol'),
  ('app.example/v1/queue/process', 'open sesame, again', 'no protocol'),
  (null, 'open sesame, again', 'no address'),
  ('https://app.example', 'short', 'a short secret'),
  ('https://app.example', null, 'none')
) as wrong (url, secret, said);

select * from finish();
rollback;
