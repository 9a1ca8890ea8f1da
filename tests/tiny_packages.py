"""Packages that hold next to nothing, made in no time. What builds one of them is one itself."""

import tarfile
from base64 import urlsafe_b64encode
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

PYPROJECT = """
[project]
name = "{name}"
version = "{version}"

[build-system]
requires = ["builder>=1"]
build-backend = "builder"
"""
BUILDER = (
    Path(__file__).read_text()
    + """
import tomllib

def build_wheel(directory, config_settings=None, metadata_directory=None):
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    return make_wheel(Path(directory), **project)

build_editable = build_wheel
"""
)


def make_wheel(folder: Path, name: str, version: str, *, needs: str = "", module: str = "") -> str:
    """Write a wheel with one module; return the name of the file."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    if needs:
        extra = needs.partition("extra == ")[2].strip("'")
        metadata += f"Requires-Dist: {needs}\n" + (f"Provides-Extra: {extra}\n" if extra else "")
    files = {
        f"{name}.py": module,
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},{_digest(text)},\n" for path, text in files.items())
    file = folder / f"{name}-{version}-py3-none-any.whl"
    with ZipFile(file, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(path, text)
    return file.name


def _digest(text: str) -> str:
    return "sha256=" + urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()


def make_source(folder: Path, name: str, version: str) -> None:
    """Write a source distribution, which `builder` makes a wheel of."""
    files = {
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        "pyproject.toml": PYPROJECT.format(name=name, version=version),
    }
    with tarfile.open(folder / f"{name}-{version}.tar.gz", "w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"{name}-{version}/{path}")
            member.size = len(text)
            archive.addfile(member, BytesIO(text.encode()))


def pin(folder: Path, name: str, version: str) -> str:
    """The line of a lock for that version."""
    [file] = [each for each in folder.iterdir() if each.name.startswith(f"{name}-{version}")]
    return f"{name}=={version} --hash=sha256:{sha256(file.read_bytes()).hexdigest()}\n"
