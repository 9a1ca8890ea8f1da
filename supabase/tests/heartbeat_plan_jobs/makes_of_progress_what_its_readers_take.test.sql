begin;
select plan(5);

select is(supajobs.read_progress(given::jsonb), taken::jsonb, given)
from (
  values
  ('{"percentage": 50}', '{"phase": "", "percentage": 50, "message": ""}'),
  ('{"percentage": 1e9, "phase": 3}', '{"phase": "3", "percentage": 100, "message": ""}'),
  ('{"percentage": -0.6}', '{"phase": "", "percentage": 0, "message": ""}'),
  ('{"percentage": "50"}', null),
  ('[50]', null)
) as told (given, taken);

select * from finish();
rollback;
