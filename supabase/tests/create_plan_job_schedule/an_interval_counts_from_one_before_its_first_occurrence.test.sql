begin;
select plan(3);

select tests.make_recurring(
  'often',
  p_more => '{
    "cron": null, "time_zone": null, "interval_seconds": 900, "next_run_at": "2100-01-01T00:15:00Z"
  }'
);
select is((tests.recurring('often')).starts_at, '2100-01-01Z'::timestamptz, 'counted back');
select tests.make_recurring(
  'from then on',
  p_more => '{
    "cron": null, "time_zone": null, "interval_seconds": 900, "next_run_at": "2100-01-01T00:15:00Z",
    "starts_at": "2099-01-01Z"
  }'
);
select is((tests.recurring('from then on')).starts_at, '2099-01-01Z'::timestamptz, 'as given');
select is(
  (tests.recurring('from then on')).next_run_at, '2100-01-01T00:15:00Z'::timestamptz, 'as given'
);

select * from finish();
rollback;
