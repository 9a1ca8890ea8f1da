begin;
select plan(3);

select tests.empty_outbox();
select tests.make_notification('old ' || age, p_age => make_interval(days => age))
from unnest(array[6, 5, 4]) as age;
select tests.make_notification('young', p_age => '2 days');
select tests.address();

select is(supajobs.cleanup_notifications(2) ->> 'deleted', '2', 'two of three are deleted');
select supajobs.cleanup_notifications();
select is((select count(*)::integer from supajobs.notifications), 1, 'then the third');
select is((select count(*)::integer from supajobs.deliveries), 1, 'with their deliveries');

select * from finish();
rollback;
