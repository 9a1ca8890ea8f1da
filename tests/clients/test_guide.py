"""What the handbook shows of the client, before the compiler."""

import asyncio
import json
from pathlib import Path
from typing import Any

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

BUNDLED = {
    "module": "preserve",
    "moduleResolution": "bundler",
    "rewriteRelativeImportExtensions": False,
    "types": list[str](),
}
"""As in the apps of Next.js, Expo and Vite, whose modules name each other without an ending."""

ON_A_SERVER = {"types": ["node"]}
"""Where Node and Deno run the files as they are."""


@pytest.mark.parametrize(
    ("page", "options"),
    [
        (GUIDE / "typescript.md", BUNDLED),
        (GUIDE / "typescript_server.md", ON_A_SERVER),
        (CLIENT / "README.md", BUNDLED),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_types_are_strict(
    page: Path, options: dict[str, Any], built: Path, tmp_path: Path
) -> None:
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
            "rootDir": "/",
            "jsx": "react-jsx",
            **options,
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
