"""What hostile manifests come to, and where honest ones are misread."""

import json

import pytest
from tests.handlers.projects.skills.test_languages import look

from supajobs.handlers.projects.skills import Evidence


@pytest.mark.parametrize("path", ["pyproject.toml", "Cargo.toml", "package.json"])
async def test_a_number_of_thousands_of_digits_is_a_warning(path: str) -> None:
    sign = ":" if path.endswith("json") else "="
    digits = "1" * 5000
    text = f'{{"a":{digits}}}' if sign == ":" else f"a = {digits}"
    [warning] = (await look({path: text})).warnings
    assert (warning.path, warning.code) == (path, "manifest_unreadable")


@pytest.mark.parametrize("key", [".".join("a" * 20_000), "['x']\n" + ' . "b"' * 20_000])
async def test_a_key_of_thousands_of_parts_is_a_warning(key: str) -> None:
    [warning] = (await look({"pyproject.toml": f"{key} = 1"})).warnings
    assert "parts" in warning.message


@pytest.mark.parametrize("path", ["a.tf", "compose.yaml", ".github/workflows/a.yml"])
async def test_empty_lines_do_not_take_the_square_of_their_number(path: str) -> None:
    assert len((await look({path: "\n" * 400_000})).tools) == 1  # else it takes ten minutes


async def test_a_manifest_of_many_bytes_is_a_warning() -> None:
    [warning] = (await look({"requirements.txt": "flask\n" * 100_000})).warnings
    assert warning.code == "manifest_too_large"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package.json", r'{"dependencies": {"react": "\ud800\u0000"}}'),
        ("requirements.txt", "django==\0001"),
        ("a\udcff/requirements.txt", "flask>=3"),
    ],
)
async def test_what_is_found_can_be_stored(path: str, text: str) -> None:
    skills = await look({path: text})
    [tool] = skills.tools
    shown = json.dumps([tool.versions, [each.path for each in tool.evidence]], ensure_ascii=False)
    assert "\\u0000" not in shown
    assert shown.encode()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements.txt", "flask @ git+https://me:secret@example.com/flask"),
        ("package.json", '{"dependencies": {"react": "git+https://me:secret@example.com/r"}}'),
    ],
)
async def test_an_address_is_no_version(path: str, text: str) -> None:
    [tool] = (await look({path: text})).tools
    assert tool.versions == []


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("package.json", '{"keywords": ["react"],\n"dependencies": {\n"react": "^19"}}', 3),
        ("pyproject.toml", '[project]\nkeywords = ["django"]\ndependencies = ["django"]', 3),
        ("setup.cfg", "[metadata]\nname = numpy\n[options]\ninstall_requires = numpy\n", 4),
        ("Cargo.toml", '[package]\nname = "tokio"\n[dependencies.tokio]\nversion = "1"\n', 3),
    ],
)
async def test_the_evidence_is_where_it_is_asked_for(path: str, text: str, line: int) -> None:
    [tool] = (await look({path: text})).tools
    assert tool.evidence == [Evidence(path, line)]


async def test_a_required_provider_is_seen() -> None:
    text = 'terraform {\n required_providers {\n  aws = {\n   source = "hashicorp/aws"\n  }\n }\n}'
    tools = (await look({"main.tf": text})).tools
    assert [Evidence("main.tf", 4)] in [each.evidence for each in tools]


async def test_what_only_begins_like_a_copied_library_counts() -> None:
    own = ["reactor.js", "vue.config.js", "moment-format.js", "lodash-like.js", "ember.js"]
    copied = ["react.js", "react-dom.js", "jquery.js", "d3.js", "d3-chart.js", "angular-app.js"]
    [language] = (await look({f"src/{name}": "a\nb\n" for name in own + copied})).languages
    assert (language.name, language.files) == ("JavaScript", len(own))
