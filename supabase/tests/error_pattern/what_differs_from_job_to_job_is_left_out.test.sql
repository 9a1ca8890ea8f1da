begin;
select plan(9);

select is(supajobs.error_pattern(message), pattern, pattern)
from (
  values
  ('Waited 30 s, 2.5 of 1,000.', 'Waited <n> s, <n> of <n>.'),
  (
    'Job 0192e4a0-7f1c-7abc-8def-0123456789ab and A192E4A0-7F1C-7ABC-8DEF-0123456789AB',
    'Job <id> and <id>'
  ),
  ('Request req_011CSHoEeqs5C35K2UUqR7Fy failed', 'Request <id> failed'),
  ('No "name 1" in ''Bob'' or `x`', 'No ''…'' in ''…'' or ''…'''),
  ('The user''s key isn''t valid', 'The user''s key isn''t valid'),
  ('It''s the users'' key', 'It''s the users'' key'),
  ('gpt-4o is overloaded', 'gpt-<n>o is overloaded'),
  ('internationalisation is a long word', 'internationalisation is a long word')
) as message (message, pattern);
select is(
  supajobs.error_pattern(repeat('a ', 300)), repeat('a ', 250), 'no more than 500 characters'
);

select * from finish();
rollback;
