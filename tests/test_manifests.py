"""The manifests of docs/deploy: they parse, and name what there is."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml
from tests.parts import PROJECT

from supajobs.queue.scale import JobTypeScale, QueueScale, Scale
from supajobs.settings import Settings

SCALE = QueueScale(
    job_types=[JobTypeScale(job_type="story", due=31, running=2, workers=4)],
    total=Scale(due=31, running=2, workers=4),
    jobs_per_worker=10,
)


def read_manifests(name: str) -> list[Any]:
    return list(yaml.safe_load_all((PROJECT / "docs/deploy" / name).read_text()))


def test_keda_reads_the_number_of_workers() -> None:
    secret, scaled = read_manifests("keda.yaml")
    [trigger] = scaled["spec"]["triggers"]
    assert trigger["authenticationRef"]["name"] == secret["metadata"]["name"]
    [token] = secret["spec"]["secretTargetRef"]
    assert (token["parameter"], token["key"]) == ("token", "CRON_SECRET")
    metadata: dict[str, str] = trigger["metadata"]
    assert metadata["authMode"] == "bearer"
    url = urlsplit(metadata["url"])
    assert url.path == "/v1/queue/scale"
    assert dict(parse_qsl(url.query)) == {"jobs_per_worker": "10"}
    keys = metadata["valueLocation"].split(".")
    found: Any = SCALE.model_dump(mode="json")
    for key in keys:
        found = found[key]
    assert found / float(metadata["targetValue"]) == SCALE.total.workers


def test_the_worker_pool_works() -> None:
    [pool] = read_manifests("worker_pool.yaml")
    assert pool["kind"] == "WorkerPool"
    [container] = pool["spec"]["template"]["spec"]["containers"]
    assert container["command"] + container["args"] == ["supajobs", "work"]
    names = {each["name"].lower() for each in container["env"]}
    aliases = {"supabase_publishable_key", "supabase_secret_key"}
    assert names <= Settings.model_fields.keys() | aliases
    assert names >= {"supabase_url", *aliases}
