"""Writes the table of languages anew from the npm package linguist-languages, unpacked somewhere.

npm pack linguist-languages && tar xzf linguist-languages-*.tgz
.venv/bin/python scripts/write_languages.py package
"""

import json
import subprocess
import sys
from pathlib import Path

from supajobs.local.node import NODE

SKILLS = Path(__file__).parents[1] / "src" / "supajobs" / "handlers" / "projects" / "skills"
COLUMNS = ("type", "group", "extensions", "filenames", "interpreters", "aliases")
PRINT = """
import * as languages from './index.js'
console.log(JSON.stringify(Object.values(languages.default ?? languages)))
"""


def main() -> None:
    package = Path(sys.argv[1])
    printed = subprocess.run(  # noqa: S603 - our own arguments
        [NODE, "--input-type=module", "--eval", PRINT],
        cwd=package,
        check=True,
        capture_output=True,
        text=True,
    )
    languages = {
        each["name"]: {name: each[name] for name in COLUMNS if each.get(name)}
        for each in sorted(json.loads(printed.stdout), key=lambda each: each["name"])
    }
    version = json.loads((package / "package.json").read_text())["version"]
    lines = [f"{json.dumps(name)}: {json.dumps(each)}" for name, each in languages.items()]
    table = ",\n".join(lines)
    (SKILLS / "languages.json").write_text(
        f'{{"source": "linguist-languages {version}", "languages": {{\n{table}\n}}}}\n'
    )
    notices = [(package / name).read_text() for name in ("LICENSE", "ThirdPartyNoticeText.txt")]
    (SKILLS / "languages.LICENSE").write_text("\n".join(notices))


if __name__ == "__main__":
    main()
