import sys
from pathlib import Path

import pytest
from tests.doctor.findings import Break, Diagnose, not_ok

MODULE = """
import pydantic
import supajobs


class Tale(pydantic.BaseModel):
    hero: str


@supajobs.job_type
async def tell_tale(job: supajobs.RunningJob, params: Tale) -> supajobs.Completed:
    return supajobs.Completed()
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """One with a job type, `tell_tale`."""
    (tmp_path / "tales.py").write_text(MODULE)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "tales", raising=False)
    return "tales"


async def test_code_without_a_row(diagnose: Diagnose, module: str) -> None:
    findings = await diagnose(job_modules=(module,))
    assert not_ok(findings) == {"job_types": "error"}
    assert findings["job_types"].message.endswith("without a row: tell_tale.")
    assert str(findings["job_types"].remedy).endswith(
        "insert into plan_job_types (job_type) values ('tell_tale');"
    )


async def test_code_with_its_row(diagnose: Diagnose, module: str, broken: Break) -> None:
    row = "insert into plan_job_types (job_type) values ('tell_tale')"
    with broken(row, "delete from plan_job_types where job_type = 'tell_tale'"):
        assert not_ok(await diagnose(job_modules=(module,))) == {}


async def test_code_that_does_not_import(diagnose: Diagnose) -> None:
    findings = await diagnose(job_modules=("not_a_module",))
    assert not_ok(findings) == {"job_types": "error"}
    assert "not_a_module" in findings["job_types"].message
