begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.suspend('job', 'claim 1', p_usage => '{"model": "m", "cost_usd": 0.5}');

select is((tests.attempt('job', 'claim 1')).model, 'm', 'the attempt has it');
select is((tests.cost()).cost_usd, 0.5, 'and the ledger');

select * from finish();
rollback;
