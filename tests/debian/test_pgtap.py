"""The specification of the SQL, on an older PostgreSQL."""

import re
from pathlib import Path

import psycopg
import pytest
from tests.test_pgtap import FILES, check_file, db_url, name_file

__all__ = ["db_url"]

NOT_HERE = {
    "invalid schedule: .* seconds?": "pg_cron takes seconds from 1.5 on, and Debian has 1.4",
    "must be owner of extension pg_cron": "a superuser made it here",
}


@pytest.mark.parametrize("file", FILES, ids=name_file)
def test_pgtap(file: Path, db_url: str) -> None:
    try:
        check_file(file, db_url)
    except psycopg.Error as error:
        for message, reason in NOT_HERE.items():
            if re.search(message, str(error)):
                pytest.skip(reason)
        raise
