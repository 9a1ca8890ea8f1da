begin;
select plan(4);

select tests.empty_outbox();
select tests.forget_processors();
select is((select messages_due_in from supajobs.foresee_work(null)), null, 'nobody is to be told');

select tests.make_job('told');
select tests.make_notification('told');
select is(
  (select messages_due_in from supajobs.foresee_work(null)), 0::double precision,
  'an end that nobody has seen'
);

select tests.address();
select ok(messages_due_in <= 0, 'a message that is due') from supajobs.foresee_work(null);

update supajobs.deliveries set run_at = now() + interval '1 minute' where true;
select ok(messages_due_in between 50 and 60, 'one that is sent again in a while')
from supajobs.foresee_work(null);

select * from finish();
rollback;
