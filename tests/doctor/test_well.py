from tests.doctor.findings import Diagnose, not_ok

from supajobs.doctor.examination import CHECKS


async def test_a_project_that_is_well(diagnose: Diagnose) -> None:
    findings = await diagnose(job_families="training_plan,projects")
    assert not_ok(findings) == {}, findings
    assert list(findings) == [check.name for check in CHECKS]
    assert [finding for finding in findings.values() if finding.remedy] == []
