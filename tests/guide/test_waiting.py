import json
from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.guide.node import node, run_node
from tests.parts import Person, enqueue, make_processor, make_settings
from tests.serving import serve
from tests.shown import GUIDE, write_files

from supajobs.app import create_app
from supajobs.local.stack import StackInfo
from supajobs.queue.job_queue import JobQueue

pytestmark = pytest.mark.usefixtures("rows")


@pytest.fixture
async def api(stack: StackInfo, load: Callable[[str], Any]) -> AsyncGenerator[httpx.AsyncClient]:
    """Stories are run when a test has them run."""
    stories = {"story": load("stories").story}
    async with serve(create_app(make_settings(stack, api_runs_jobs=False), stories)) as client:
        yield client


@pytest.fixture
def browser(api: httpx.AsyncClient, tmp_path: Path) -> Path:
    """The page's files, with the address of our API."""
    write_files(GUIDE / "waiting.md", tmp_path, {"https://api.example.com": str(api.base_url)})
    return tmp_path


FOLLOW = """
import { follow, stream } from './jobs.ts'

const { TOKEN, ID } = process.env
const session = { access_token: TOKEN }
const watch = async (way, states) => {
  for await (const { status, result } of states) console.log(JSON.stringify([way, status, result]))
}
await Promise.all([
  watch('long poll', follow(session, ID)),
  watch('poll', follow(session, ID, 0)),
  watch('stream', stream(session, ID)),
])
"""


async def test_each_way_sees_the_job_wait_and_end(
    browser: Path, load: Callable[[str], Any], queue: JobQueue, person: Person
) -> None:
    job_id = await enqueue(queue, person, "story", hero="Fox", chapters=1)
    async with node(browser, FOLLOW, TOKEN=person.access_token, ID=str(job_id)) as process:
        assert process.stdout
        seen = [json.loads(await process.stdout.readline()) for _ in range(3)]
        assert sorted(seen) == [[way, "pending", None] for way in ("long poll", "poll", "stream")]
        await make_processor(queue, load("stories").story).drain()
        output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    ends: Mapping[str, Any] = {
        way: (status, result) for way, status, result in map(json.loads, output.splitlines())
    }
    told = ("completed", {"chapters": ["Chapter 1, in which Fox falls asleep."]})
    assert ends == {"long poll": told, "poll": told, "stream": told}


REQUEST = """
import { createClient } from '@supabase/supabase-js'
import { request } from './jobs.ts'
import { read } from './rows.ts'

const { TOKEN, URL, KEY } = process.env
const asked = await request({ access_token: TOKEN }, 'story', { hero: 'Owl', chapters: 1 })
const supabase = createClient(URL, KEY, { accessToken: async () => TOKEN })
const found = await read(supabase, asked.id)
const all = await supabase.from('plan_generation_jobs').select('*')
const refused = await request({ access_token: TOKEN }, 'story', {}).catch((error) => error.message)
console.log(JSON.stringify({ asked, found, all: all.error.message, refused }))
"""


async def test_the_request_itself_and_the_rows(
    stack: StackInfo, tmp_path: Path, load: Callable[[str], Any], person: Person
) -> None:
    app = create_app(make_settings(stack), {"story": load("stories").story})
    async with serve(app) as client:
        own = {"https://api.example.com": str(client.base_url)}
        write_files(GUIDE / "waiting.md", tmp_path, own)
        output = await run_node(
            tmp_path,
            REQUEST,
            TOKEN=person.access_token,
            URL=stack.api_url,
            KEY=stack.publishable_key,
        )
    seen = json.loads(output)
    assert seen["asked"]["status"] == seen["found"]["status"] == "completed"
    assert seen["asked"]["result"] == seen["found"]["result"]
    assert seen["all"] == "permission denied for table plan_generation_jobs"
    assert seen["refused"] == "The request is not valid; see errors."


# The socket answers as Realtime does: it lets one in, and then has something to tell.
REALTIME = """
import { createClient } from '@supabase/supabase-js'
import { listen } from './realtime.ts'

const asked = []

class Socket {
  constructor() {
    this.readyState = 0
    setTimeout(() => { this.readyState = 1; this.onopen?.({}) })
  }
  send(message) {
    const told = JSON.parse(message)
    const [join_ref, ref, topic, event, payload] = Array.isArray(told)
      ? told : [told.join_ref, told.ref, told.topic, told.event, told.payload]
    if (event !== 'phx_join') return
    asked.push({ topic, payload })
    const answer = (ref, event, payload) => this.onmessage({
      data: JSON.stringify(
        Array.isArray(told)
          ? [join_ref, ref, topic, event, payload] : { join_ref, ref, topic, event, payload },
      ),
    })
    answer(ref, 'phx_reply', { status: 'ok', response: {} })
    answer(null, 'broadcast', { type: 'broadcast', event: 'job', payload: { status: 'completed' } })
  }
  close() { this.readyState = 3; this.onclose?.({}) }
}

const supabase = createClient('http://127.0.0.1:9', 'sb_publishable_key', {
  accessToken: async () => 'their.own.token',
  realtime: { transport: Socket },
})
await new Promise((told) => listen(supabase, 'their-id', (change) => {
  asked.push(change)
  told()
}))
console.log(JSON.stringify(asked))
process.exit(0)
"""


async def test_realtime_is_asked_for_the_users_private_topic(browser: Path) -> None:
    joined, change = json.loads(await run_node(browser, REALTIME))
    assert joined["topic"] == "realtime:user:their-id"
    assert joined["payload"]["config"]["private"] is True
    assert joined["payload"]["access_token"] == "their.own.token"
    assert change == {"status": "completed"}
