"""The day on which the tests run: one, also when midnight comes meanwhile; and days that are always still to come."""

from datetime import UTC, datetime, timedelta

TODAY = datetime.now().astimezone().date()  # where the user is; `tests/conftest.py` has it stay this day
_SOON = datetime.now(UTC).replace(hour=10, minute=0) + timedelta(days=40)
SOON_DAY, SOON = f"{_SOON:%Y-%m-%d}", f"{_SOON:%Y-%m-%dT%H:%M}"  # as a form sends them
SOON_TOO = f"{_SOON + timedelta(days=1):%Y-%m-%dT%H:%M}"
