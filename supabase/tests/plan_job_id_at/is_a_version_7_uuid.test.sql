begin;
select plan(2);

select is(
  public.plan_job_id_at('2026-11-22 12:00:00.123456+00'),
  -- 1795348800123 ms since 1970; 0.456 * 4096 = 1867 = 0x74b; the least variant and randomness
  '01a20320-a27b-774b-8000-000000000000'::uuid,
  'milliseconds, version and fraction'
);
select is(public.plan_job_id_at(null), null, 'none for no time');

select * from finish();
rollback;
