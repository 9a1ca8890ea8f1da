"""What Prometheus would read."""

from collections import defaultdict

import httpx
from tests.parts import CRON_SECRET

SCRAPER = {"Authorization": f"Bearer {CRON_SECRET}"}


class Samples(defaultdict[str, float]):
    """The values by name and labels, as they stand in the text: `name{label="value"}`."""

    @classmethod
    def parse(cls, text: str) -> "Samples":
        samples = cls(float)
        for line in text.splitlines():
            if not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                samples[name] = float(value)
        return samples

    def since(self, before: "Samples") -> "Samples":
        """By how much each is more."""
        more = Samples(float)
        more.update({name: value - before[name] for name, value in self.items()})
        return more


async def scrape(client: httpx.AsyncClient) -> Samples:
    answer = await client.get("/metrics", headers=SCRAPER)
    assert answer.status_code == 200, answer.text
    return Samples.parse(answer.text)
