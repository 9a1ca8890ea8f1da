begin;
select plan(3);

select tests.make_job('completed', 'user a');
select tests.make_job('retrying', 'user b');
select tests.make_job('released', 'user c');
select tests.claim('claim 1', 3);

select tests.complete('completed', 'claim 1', p_usage => '{"cost_usd": 1}')
from generate_series(1, 2);
select tests.fail('retrying', 'claim 1', p_usage => '{"cost_usd": 1}') from generate_series(1, 2);
select tests.release('released', 'claim 1', '{"cost_usd": 1}') from generate_series(1, 2);

select is((tests.cost('user a')).cost_usd, 1::numeric, 'completed once');
select is((tests.cost('user b')).cost_usd, 1::numeric, 'failed once');
select is((tests.cost('user c')).cost_usd, 1::numeric, 'released once');

select * from finish();
rollback;
