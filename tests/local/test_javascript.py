import json
import os
from pathlib import Path
from uuid import uuid4

from tests.local.commands import start

from supajobs.local.node import NODE
from supajobs.local.packages import install
from supajobs.local.stack import StackInfo

SCRIPT = """
import { createClient } from "@supabase/supabase-js";

const { URL, KEY, EMAIL } = process.env;
const client = createClient(URL, KEY);
const { data: session, error } = await client.auth.signUp({
  email: EMAIL,
  password: "correct horse battery",
});
if (error) throw error;
const inserted = await client.from("notes").insert({ body: "from js" }).select().single();
if (inserted.error) throw inserted.error;
const counted = await client.from("notes").select("*", { count: "exact", head: true });
const { data: claims } = await client.auth.getClaims();
const missing = await client.rpc("no_such_function");
console.log(JSON.stringify({
  owner: inserted.data.owner === session.user.id,
  at: inserted.data.at,
  count: counted.count,
  sub: claims.claims.sub === session.user.id,
  missing: missing.error.code,
}));
"""


def test_supabase_js_works_unchanged(stack: StackInfo, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(install().node_modules)
    (tmp_path / "app.mjs").write_text(SCRIPT)
    environment = {
        **os.environ,
        "URL": stack.api_url,
        "KEY": stack.publishable_key,
        "EMAIL": f"{uuid4()}@example.com",
    }
    program = start([str(NODE), "app.mjs"], cwd=tmp_path, env=environment)
    output, errors = program.communicate(timeout=30)
    assert program.returncode == 0, errors
    assert json.loads(output) == {
        "owner": True,
        "at": "2026-01-02T03:04:05.678+00:00",
        "count": 1,
        "sub": True,
        "missing": "PGRST202",
    }
