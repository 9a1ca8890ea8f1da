"""What manifests ask for: each kind is read by a few lines, as far as it can be."""

import re
from collections.abc import Callable, Generator, Iterable
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from supajobs.handlers.projects.skills.data_files import (
    ManifestError,
    get_table,
    list_texts,
    load_json,
    load_toml,
)
from supajobs.handlers.projects.skills.lines import Lines
from supajobs.handlers.projects.task_list.one_line import make_line

MAX_DEPENDENCIES = 5000  # of one manifest
MAX_VERSION = 100  # characters


@dataclass(frozen=True, slots=True)
class Dependency:
    """What is asked for, and where; `is_for_development`: it is no part of what is shipped."""

    ecosystem: str
    name: str
    version: str
    line: int
    is_for_development: bool = False


Read = Callable[[str], Iterable[Dependency]]
Found = Generator[Dependency]

# PEP 508, as far as a name and a range go.
_REQUIREMENT = re.compile(
    r"([A-Za-z0-9][\w.-]{0,100}+)[ \t]{0,9}(?:\[[^\]]{0,200}\])?[ \t]{0,9}\(?([^;#)]{0,200})"
)
_GEM = re.compile(r"""^\s*gem\s+["']([\w.-]+)["'](?:\s*,\s*["']([^"']{0,100})["'])?""")
_GO = re.compile(r"^\s*(?:require\s+)?([\w.-]+\.[a-z]+/[^\s]{1,200})\s+(v[\w.+-]{1,80})")
_GRADLE = re.compile(r"""["']([\w.-]+:[\w.-]+)(?::([\w.+-]{1,50}))?["']""")
_GRADLE_PLUGIN = re.compile(
    r"""\bid\s*\(?\s*["']([\w.-]+)["']\)?(?:\s+version\s+["']([\w.+-]{1,50})["'])?"""
)
_MAVEN = re.compile(
    r"<groupId>\s*([\w.-]+)\s*</groupId>\s*<artifactId>\s*([\w.-]+)\s*</artifactId>"
    r"(?:\s*<version>\s*([^<\s]{1,80})\s*</version>)?"
)
_NUGET = re.compile(
    r'<(?:PackageReference|FrameworkReference)\s+Include="([\w.-]+)"(?:\s+Version="([^"]{1,80})")?'
)
_PUB = re.compile(r"^  ([a-z_][\w]*):[ \t]*([^\s#{][^\n#]{0,80})?", re.MULTILINE)
_FROM = re.compile(r"^FROM\s+(?:--\S+\s+)*([\w./-]+)(?::([\w.-]{1,80}))?", re.MULTILINE)
_IMAGE = re.compile(r"""^[ \t]*image:[ \t]*["']?([\w./-]+)(?::([\w.-]{1,80}))?""", re.MULTILINE)
_PROVIDER = re.compile(
    r'^[ \t]*(?:provider[ \t]+"|source[ \t]*=[ \t]*"(?:[\w.-]+/){1,3})([\w-]+)"', re.MULTILINE
)
_DEVELOPMENT = re.compile(r"dev|test|lint|doc|typing|check")


def read_requirements(text: str) -> Found:
    """requirements.txt, a line each."""
    for line, requirement in enumerate(text.splitlines(), 1):
        if requirement.strip() and not requirement.lstrip().startswith(("#", "-", "http", ".")):
            yield from _read_requirement(requirement, line, is_for_development=False)


def _read_requirement(requirement: str, line: int, *, is_for_development: bool) -> Found:
    if found := _REQUIREMENT.match(requirement[:500].lstrip()):
        name = re.sub(r"[-_.]+", "-", found[1]).lower()
        version = found[2].split("--hash")[0].strip(" \t\\")
        yield Dependency("python", name, _show(version), line, is_for_development)


def read_pyproject(text: str) -> Found:
    """pyproject.toml: PEP 621, PEP 735 and Poetry's own."""
    data = load_toml(text)
    project, poetry = get_table(data, "project"), get_table(data, "tool", "poetry")
    build = get_table(data, "build-system").get("requires")
    lines = Lines(text)
    groups = [
        (False, project.get("dependencies"), lines.find("dependencies", lines.find("project"))),
        (True, build, lines.find("build-system")),
    ]
    for section, table in (
        ("optional-dependencies", get_table(project, "optional-dependencies")),
        ("dependency-groups", get_table(data, "dependency-groups")),
    ):
        start = lines.find(section)
        groups += [
            (bool(_DEVELOPMENT.search(name)), each, lines.find(name, start))
            for name, each in table.items()
        ]
    for is_for_development, requirements, start in groups:
        for each in list_texts(requirements):
            line = _find_requirement(lines, each, start)
            yield from _read_requirement(each, line, is_for_development=is_for_development)
    start = lines.find("tool.poetry.dependencies")
    yield from _read_table(lines, "python", get_table(poetry, "dependencies"), start)
    groups = get_table(poetry, "group")
    for name in groups:
        table = get_table(groups, name, "dependencies")
        start = lines.find(f"tool.poetry.group.{name}.dependencies")
        yield from _read_table(lines, "python", table, start, is_for_development=True)


def read_setup_cfg(text: str) -> Found:
    """setup.cfg, whose lists have a line for each."""
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except ConfigError as error:
        raise ManifestError(type(error).__name__, getattr(error, "lineno", 1)) from None
    lines = Lines(text)
    start = lines.find("install_requires")
    wanted = [(parser.get("options", "install_requires", fallback=""), False, start)]
    if parser.has_section("options.extras_require"):
        extras = parser.items("options.extras_require")
        start = lines.find("options.extras_require")
        wanted += [(value, bool(_DEVELOPMENT.search(name)), start) for name, value in extras]
    for value, is_for_development, start in wanted:
        for each in filter(None, map(str.strip, value.splitlines())):
            line = _find_requirement(lines, each, start)
            yield from _read_requirement(each, line, is_for_development=is_for_development)


def read_package_json(text: str) -> Found:
    """package.json."""
    data, lines = load_json(text), Lines(text)
    for column in ("dependencies", "peerDependencies", "devDependencies"):
        is_for_development = column == "devDependencies"
        table = get_table(data, column)
        start = lines.find(column)
        yield from _read_table(lines, "npm", table, start, is_for_development=is_for_development)


def read_composer(text: str) -> Found:
    """composer.json."""
    data, lines = load_json(text), Lines(text)
    yield from _read_table(lines, "composer", get_table(data, "require"), lines.find("require"))
    table, start = get_table(data, "require-dev"), lines.find("require-dev")
    yield from _read_table(lines, "composer", table, start, is_for_development=True)


def read_cargo(text: str) -> Found:
    """Cargo.toml, of a package or of a workspace."""
    data, lines = load_toml(text), Lines(text)
    for table, start in (
        (get_table(data, "dependencies"), lines.find("dependencies")),
        (get_table(data, "workspace", "dependencies"), lines.find("workspace.dependencies")),
    ):
        yield from _read_table(lines, "cargo", table, start)
    for column in ("dev-dependencies", "build-dependencies"):
        table, start = get_table(data, column), lines.find(column)
        yield from _read_table(lines, "cargo", table, start, is_for_development=True)


def read_go_mod(text: str) -> Found:
    """go.mod; a major version at the end of a path is part of the version."""
    for line, each in enumerate(text.splitlines(), 1):
        if (found := _GO.match(each[:500])) and "// indirect" not in each:
            yield Dependency("go", re.sub(r"/v\d+$", "", found[1]), found[2], line)


def read_gemfile(text: str) -> Found:
    """Gemfile."""
    for line, each in enumerate(text.splitlines(), 1):
        if found := _GEM.match(each[:500]):
            yield Dependency("gem", found[1], found[2] or "", line)


def read_pom(text: str) -> Found:
    """pom.xml; the starters of Spring Boot are one thing by another name each."""
    line, seen = 1, 0
    for found in _MAVEN.finditer(text):
        group, artifact = found[1], found[2]
        line, seen = line + text.count("\n", seen, found.start()), found.start()
        yield Dependency("maven", f"{group}:{artifact}", found[3] or "", line)
        yield Dependency("maven", group, found[3] or "", line)


def read_gradle(text: str) -> Found:
    """build.gradle and build.gradle.kts: dependencies and plugins."""
    for line, each in enumerate(text.splitlines(), 1):
        for pattern in (_GRADLE, _GRADLE_PLUGIN):
            for found in pattern.finditer(each[:500]):
                yield Dependency("maven", found[1], found[2] or "", line)


def read_csproj(text: str) -> Found:
    """*.csproj."""
    yield from _read_matches("nuget", _NUGET, text)


def read_pubspec(text: str) -> Found:
    """pubspec.yaml, whose dependencies are indented by two."""
    yield from _read_matches("pub", _PUB, text)


def read_dockerfile(text: str) -> Found:
    """Dockerfile: what it begins from."""
    yield from _read_matches("image", _FROM, text)


def read_compose(text: str) -> Found:
    """Compose files, and whatever else has images: CI of GitLab and GitHub."""
    yield from _read_matches("image", _IMAGE, text)


def read_terraform(text: str) -> Found:
    """*.tf: the providers."""
    yield from _read_matches("terraform", _PROVIDER, text)


def _read_nothing(_text: str) -> Iterable[Dependency]:
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of manifest: by the name of the file, what it alone shows, and how it is read."""

    pattern: str
    read: Read
    shows: str = ""


KINDS = (
    Kind("pyproject.toml", read_pyproject),
    Kind("*requirements*.txt", read_requirements),
    Kind("setup.cfg", read_setup_cfg),
    Kind("package.json", read_package_json),
    Kind("composer.json", read_composer),
    Kind("Cargo.toml", read_cargo),
    Kind("go.mod", read_go_mod),
    Kind("Gemfile", read_gemfile),
    Kind("pom.xml", read_pom, "pom.xml"),
    Kind("build.gradle", read_gradle, "build.gradle"),
    Kind("build.gradle.kts", read_gradle, "build.gradle"),
    Kind("*.csproj", read_csproj),
    Kind("pubspec.yaml", read_pubspec),
    Kind("Dockerfile*", read_dockerfile, "Dockerfile"),
    Kind("*.Dockerfile", read_dockerfile, "Dockerfile"),
    Kind("*compose*.y*ml", read_compose, "compose.yaml"),
    Kind(".gitlab-ci.yml", read_compose, ".gitlab-ci.yml"),
    Kind("*.tf", read_terraform, ".tf"),
    Kind("Makefile", _read_nothing, "Makefile"),
    Kind("CMakeLists.txt", _read_nothing, "CMakeLists.txt"),
)
_WORKFLOW = Kind("", read_compose, ".github/workflows")


def find_kind(path: str) -> Kind | None:
    """How a file is read, if it is a manifest."""
    folder, _, name = path.rpartition("/")
    if folder == ".github/workflows" and name.endswith((".yml", ".yaml")):
        return _WORKFLOW
    return next((kind for kind in KINDS if fnmatchcase(name, kind.pattern)), None)


def _read_matches(ecosystem: str, pattern: re.Pattern[str], text: str) -> Found:
    line, seen = 1, 0
    for found in pattern.finditer(text):
        version = found[2] if pattern.groups > 1 else ""
        line, seen = line + text.count("\n", seen, found.start(1)), found.start(1)
        yield Dependency(ecosystem, found[1], version or "", line)


def _read_table(
    lines: Lines,
    ecosystem: str,
    table: dict[str, Any],
    start: int,
    *,
    is_for_development: bool = False,
) -> Found:
    for name, asked in table.items():
        version = asked if isinstance(asked, str) else get_table({"": asked}, "").get("version", "")
        shown = _show(version) if isinstance(version, str) else ""
        called = name.lower() if ecosystem == "python" else name
        yield Dependency(ecosystem, called, shown, lines.find(name, start), is_for_development)


def _find_requirement(lines: Lines, requirement: str, start: int) -> int:
    found = _REQUIREMENT.match(requirement[:500].lstrip())
    return lines.find(found[1], start) if found else start


def _show(version: str) -> str:
    """The range on one line; an address is none, and may have a password in it."""
    return "" if "://" in version else make_line(version, MAX_VERSION)
