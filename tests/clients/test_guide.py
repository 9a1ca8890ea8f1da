"""What the handbook shows of the client, before the compiler."""

import asyncio
import json
from pathlib import Path

import pytest
from tests.clients.npm import CLIENT
from tests.parts import PROJECT
from tests.shown import GUIDE, write_files

from supajobs.local.node import NODE

EDGE = """
declare const Deno: {
  env: { get(name: string): string | undefined }
  serve(handler: (request: Request) => Response | Promise<Response>): void
}
declare const EdgeRuntime: { waitUntil(promise: Promise<unknown>): void }
"""
"""What an Edge Function has besides."""

TSC = CLIENT / "node_modules" / "typescript" / "bin" / "tsc"


@pytest.mark.parametrize(
    ("page", "types"),
    [
        (GUIDE / "typescript.md", []),
        (GUIDE / "typescript_server.md", ["node"]),
        (CLIENT / "README.md", []),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_types_are_strict(page: Path, types: list[str], built: Path, tmp_path: Path) -> None:
    files = write_files(page, tmp_path)
    assert files
    (tmp_path / "edge.d.ts").write_text(EDGE)
    (tmp_path / "node_modules").symlink_to(CLIENT / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    paths = {
        "@supajobs/client": [str(built.with_name("index.d.ts"))],
        "@supajobs/client/*": [str(built.with_name("*.d.ts"))],
    }
    project = {
        "extends": str(CLIENT / "tsconfig.json"),
        "compilerOptions": {
            "paths": paths,
            "types": types,
            "rootDir": "/",
            "jsx": "react-jsx",
        },
        "include": ["**/*"],
    }
    (tmp_path / "tsconfig.json").write_text(json.dumps(project))
    process = await asyncio.create_subprocess_exec(
        *(NODE, TSC, "--project", tmp_path), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


def test_the_readme_leads_to_the_page() -> None:
    assert "docs/guide/typescript.md" in (CLIENT / "README.md").read_text()
    assert (PROJECT / "docs" / "guide" / "typescript.md").is_file()
