"""Whether the processor can be called, and which ones run."""

import time
from http import HTTPStatus
from importlib.metadata import version
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from supajobs.doctor.connection import read_object
from supajobs.doctor.finding import Verdict, enumerate_some, error, ok, skipped, warning
from supajobs.doctor.project import Project

SLOW = 1.0  # s; pg_net answers nobody else meanwhile

_ADDRESS = "Run `supajobs setup --process-url https://<your api>/v1/queue/process`"


async def check_processor_endpoint(project: Project) -> Verdict:
    """Whether the processor that Vault names takes our secret and answers fast enough."""
    url = (await project.describe_triggers()).process_url
    secret = project.settings.cron_secret
    if url is None:
        return skipped("Vault does not say where it is.")
    if is_loopback(url) and not is_loopback(project.settings.supabase_origin):
        return error(
            f"{url} is this machine; Supabase cannot reach it.", f"{_ADDRESS}, its public address."
        )
    if secret is None:
        return warning(
            "CRON_SECRET is not set here, so the processor cannot be called.",
            "Set CRON_SECRET to what the processor has; without one it refuses its trigger.",
        )
    headers = {"Authorization": f"Bearer {secret.get_secret_value()}"}
    started = time.monotonic()
    try:
        response = await project.http.post(url, json={}, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as reason:
        return error(
            f"{url} does not answer: {type(reason).__name__}.",
            f"See whether `supajobs api` runs there. If it has another address: {_ADDRESS}.",
        )
    return _judge_answer(url, response, time.monotonic() - started)


def _judge_answer(url: str, response: httpx.Response, seconds: float) -> Verdict:
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        return error(
            f"{url} refuses the CRON_SECRET of these settings.",
            "Give the processor, Vault and these settings the same CRON_SECRET: set it for "
            "`supajobs api`, restart it, and run `supajobs setup` with it.",
        )
    if response.status_code != HTTPStatus.ACCEPTED:
        code = read_object(response).get("code", "")
        return error(
            f"{url} answers {response.status_code} {code}".rstrip() + ", not 202.",
            f"It should end in /v1/queue/process: {_ADDRESS}. If it does, see the log of "
            "`supajobs api`.",
        )
    if seconds > SLOW:
        return warning(
            f"{url} answered after {seconds:.1f} s: longer than {SLOW:.0f} s.",
            "Keep a process warm (minimum instances 1) near the Supabase project, with CPU between "
            "requests.",
        )
    if not url.startswith("https://") and not is_loopback(url):
        return warning(
            f"{url} is not https: whoever is in between reads CRON_SECRET.",
            f"{_ADDRESS}, and change CRON_SECRET.",
        )
    return ok(f"{url} answers in {seconds * 1000:.0f} ms.")


async def check_processors(project: Project) -> Verdict:
    """Whether processors have been seen lately, of this package's version."""
    triggers = await project.describe_triggers()
    alive = [processor for processor in triggers.processors if processor.is_alive]
    if not alive:
        last = max((processor.seen_at for processor in triggers.processors), default=None)
        return warning(
            "No processor runs"
            + (f"; the last was seen at {last:%Y-%m-%d %H:%M:%S} UTC." if last else "."),
            "Start `supajobs api` or `supajobs work`, unless each trigger starts a process.",
        )
    ours = version("supajobs")
    if others := sorted({each.version for each in alive if each.version != ours}):
        return warning(
            f"Processors of version {enumerate_some(others)} run, and this is {ours}.",
            "Deploy the same version everywhere.",
        )
    return ok(f"{len(alive)} run{'s' * (len(alive) == 1)}, of version {ours}.")


def is_loopback(url: str) -> bool:
    """Whether an address leads no further than the machine that uses it."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
