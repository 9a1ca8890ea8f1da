"""The snippet that tells a webhook when the queue does not do its work."""

import asyncio
import json
from collections.abc import AsyncGenerator

import pytest
from tests.parts import PROJECT, Sql
from tests.serving import eventually
from tests.stand_in import Reply, StandIn, stand_in

SNIPPET = PROJECT / "supabase" / "snippets" / "alert_when_unhealthy.sql"


@pytest.fixture
async def webhook(sql: Sql) -> AsyncGenerator[StandIn]:
    """Where the alerts go, which are sent each second instead of every five minutes."""
    sql.execute("delete from plan_generation_jobs")
    async with stand_in() as webhook:
        webhook.reply = Reply("{}")
        sql.execute(
            "select vault.create_secret(%s, 'supajobs_alert_url')", [f"{webhook.url}/alert"]
        )
        snippet = SNIPPET.read_text()
        assert "'*/5 * * * *'" in snippet
        sql.execute(snippet.replace("'*/5 * * * *'", "'1 second'").encode())
        try:
            yield webhook
        finally:
            sql.execute("select cron.unschedule('supajobs_alert')")
            sql.execute("delete from vault.secrets where name = 'supajobs_alert_url'")
            await asyncio.sleep(0.5)
            sql.execute("delete from net._http_response")


async def test_nobody_is_alerted_of_a_queue_that_works(sql: Sql, webhook: StandIn) -> None:
    sql.execute("update supajobs.sweeps set swept_at = now()")
    query = "select from cron.job_run_details join cron.job using (jobid) where jobname = %s"
    await eventually(lambda: len(sql.execute(query, ["supajobs_alert"]).fetchall()) > 1)
    await asyncio.sleep(0.5)
    assert not webhook.calls


async def test_an_alert_says_what_is_wrong(sql: Sql, webhook: StandIn) -> None:
    sql.execute("update supajobs.sweeps set swept_at = now() - interval '1 hour'")
    await eventually(lambda: webhook.calls["alert"] > 1)
    text = json.loads(webhook.last_body)["text"]
    assert text.startswith("supajobs is degraded. No processor has asked for jobs since ")
