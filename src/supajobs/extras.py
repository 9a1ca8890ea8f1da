"""The extras of the package, and how to get one where it is missing."""

import json
from importlib.metadata import distribution
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname


def install_command(extra: str) -> str:
    """What adds the extra to the supajobs that runs: from the checkout or the wheel it came from.

    The place is told by direct_url.json (PEP 610); without it the package came from an index.
    """
    origin: dict[str, Any] = json.loads(
        distribution("supajobs").read_text("direct_url.json") or "{}"
    )
    if not origin:
        return f"pip install 'supajobs[{extra}]'"
    address: str = origin["url"]
    if origin.get("dir_info", {}).get("editable"):
        return f"pip install --editable '{url2pathname(urlsplit(address).path)}[{extra}]'"
    if vcs := origin.get("vcs_info"):
        address = f"{vcs['vcs']}+{address}@{vcs['commit_id']}"
    if folder := origin.get("subdirectory"):
        address += f"#subdirectory={folder}"
    return f"pip install 'supajobs[{extra}] @ {address}'"
