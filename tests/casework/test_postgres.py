"""The same tests of the core again, with the stores of a team in PostgreSQL, which this test starts itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import postgres

_HERE = Path(__file__).parent
_AGAIN = [
    _HERE / "test_hand.py",
    _HERE / "keeping" / "test_purge.py",
    _HERE.parent / "web" / "test_keeping.py",
]


@pytest.mark.skipif(
    not postgres.available(), reason="NO POSTGRESQL HERE: a team's store was NOT tried (install postgresql)"
)
@pytest.mark.skipif("VEIL_TEST_POSTGRES" in os.environ, reason="this is already the second run")
def test_a_teams_store_does_what_the_embedded_one_does() -> None:
    """Hands, purging and the pages of keeping pass the same tests on PostgreSQL."""
    with postgres.served() as address:
        told = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *map(str, _AGAIN)]
        environment = os.environ | {"VEIL_TEST_POSTGRES": address}
        done = subprocess.run(told, check=False, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert "skipped" not in done.stdout.splitlines()[-1]
