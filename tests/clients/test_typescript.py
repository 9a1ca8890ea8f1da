from tests.clients.npm import CLIENT, run_script


async def test_its_own_tests() -> None:
    files = list((CLIENT / "tests").glob("*.test.ts*"))
    assert f"Test Files  {len(files)} passed" in await run_script("test")
