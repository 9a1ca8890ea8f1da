import pytest
from tests.handlers.projects.skills.test_languages import look

from supajobs.handlers.projects.skills import Evidence


@pytest.mark.parametrize(
    ("path", "content", "kind", "name", "line", "versions"),
    [
        ("requirements.txt", "# a\nflask>=3\n", "framework", "Flask", 2, [">=3"]),
        ("requirements.txt", "Flask[async] >= 3 ; x\n", "framework", "Flask", 1, [">= 3"]),
        (
            "pyproject.toml",
            '[project]\ndependencies = [\n  "django~=5.1",\n]\n',
            "framework",
            "Django",
            3,
            ["~=5.1"],
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\nfastapi = {version = "^0.1"}\n',
            "framework",
            "FastAPI",
            2,
            ["^0.1"],
        ),
        ("setup.cfg", "[options]\ninstall_requires =\n  numpy>2\n", "library", "NumPy", 3, [">2"]),
        ("package.json", '{\n"dependencies": {"react": "^19"}}', "framework", "React", 2, ["^19"]),
        ("Cargo.toml", '[dependencies]\ntokio = "1"\n', "library", "Tokio", 2, ["1"]),
        (
            "go.mod",
            "module a\n\nrequire (\n\tgithub.com/jackc/pgx/v5 v5.1.0\n)\n",
            "database",
            "PostgreSQL",
            4,
            ["v5.1.0"],
        ),
        ("Gemfile", 'gem "rails", "~> 8.0"\n', "framework", "Ruby on Rails", 1, ["~> 8.0"]),
        (
            "pom.xml",
            "<d>\n<groupId>junit</groupId>\n<artifactId>junit</artifactId><version>4</version></d>",
            "tool",
            "JUnit",
            2,
            ["4"],
        ),
        (
            "build.gradle.kts",
            'plugins { id("org.springframework.boot") version "3.4.0" }\n',
            "framework",
            "Spring Boot",
            1,
            ["3.4.0"],
        ),
        (
            "composer.json",
            '{"require": {"laravel/framework": "^12"}}',
            "framework",
            "Laravel",
            1,
            ["^12"],
        ),
        (
            "a.csproj",
            '<PackageReference Include="Dapper" Version="2.1" />',
            "library",
            "Dapper",
            1,
            ["2.1"],
        ),
        (
            "pubspec.yaml",
            "dependencies:\n  flutter:\n    sdk: flutter\n",
            "framework",
            "Flutter",
            2,
            [],
        ),
        ("Dockerfile", "FROM node:24-slim AS build\n", "platform", "Node.js", 1, ["24-slim"]),
        (
            "compose.yaml",
            "services:\n  db:\n    image: postgres:17\n",
            "database",
            "PostgreSQL",
            3,
            ["17"],
        ),
        (".gitlab-ci.yml", "test:\n  script: make\n", "tool", "GitLab CI", 1, []),
        (".github/workflows/ci.yml", "on: push\n", "tool", "GitHub Actions", 1, []),
        ("infra/main.tf", 'provider "aws" {}\n', "platform", "AWS", 1, []),
    ],
)
async def test_what_a_manifest_shows(
    path: str, content: str, kind: str, name: str, line: int, versions: list[str]
) -> None:
    tools = {each.name: each for each in (await look({path: content})).tools}
    assert name in tools
    assert tools[name].kind == kind
    assert tools[name].evidence == [Evidence(path, line)]
    assert tools[name].versions == versions
    assert tools[name].confidence == 0.95


async def test_what_only_the_development_needs_is_less_sure() -> None:
    found = await look(
        {"package.json": '{"devDependencies": {"vitest": "^4"}, "dependencies": {"zod": "4"}}'}
    )
    assert [(each.name, each.confidence) for each in found.tools] == [
        ("Zod", 0.95),
        ("Vitest", 0.75),
    ]


async def test_what_several_manifests_show_is_one_skill() -> None:
    found = await look(
        {"a/requirements.txt": "redis==5\n", "package.json": '{"dependencies": {"redis": "4"}}'}
    )
    [redis] = found.tools
    assert redis.evidence == [Evidence("a/requirements.txt", 1), Evidence("package.json", 1)]
    assert redis.versions == ["==5", "4"]


async def test_manifests_of_others_show_nothing() -> None:
    found = await look({"node_modules/a/package.json": '{"dependencies": {"react": "19"}}'})
    assert found.tools == []


@pytest.mark.parametrize(
    ("path", "content", "line"),
    [
        ("package.json", '{\n"dependencies": {,}}', 2),
        ("package.json", "[" * 100_000, 1),
        ("pyproject.toml", "[project]\nname = \n", 2),
        ("Cargo.toml", "a = " + "[" * 100_000, 1),
        ("setup.cfg", "no section\n", 1),
    ],
)
async def test_a_manifest_that_cannot_be_read_is_told_of(
    path: str, content: str, line: int
) -> None:
    found = await look({path: content, "requirements.txt": "flask\n"})
    assert [each.name for each in found.tools] == ["Flask"]
    [warning] = found.warnings
    assert (warning.path, warning.line, warning.code) == (path, line, "manifest_unreadable")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("package.json", '["react"]'),
        ("package.json", '{"dependencies": ["react"]}'),
        ("package.json", '{"dependencies": {"react": {"a": 1}}}'),
        ("pyproject.toml", 'project = "a"\n'),
        ("pyproject.toml", "[project]\ndependencies = [1, {}]\n"),
        ("pom.xml", '<!DOCTYPE a [<!ENTITY b "&b;&b;">]><a>&b;</a>'),
        ("requirements.txt", "-r other.txt\n\nhttps://example.com/a.whl\n;;;\n"),
        ("Gemfile", "gem\n"),
    ],
)
async def test_odd_manifests_are_read_as_far_as_they_go(path: str, content: str) -> None:
    found = await look({path: content, "Dockerfile": "FROM python:3.13\n"})
    assert "Python" in {each.name for each in found.tools}
