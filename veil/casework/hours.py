"""The vault's own hours: a machine's clock that leaps ahead is not believed until a coordinator says that it is right.

Otherwise a laptop that woke up in the wrong year would destroy, at one unlocking, everything that has a clock. When
the vault was last used is kept in one small file for both worlds: from a world alone it would follow when that one was.
"""

import struct
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from veil.vault import stores
from veil.whole import write_whole

LEAP = timedelta(days=14)  # longer than a vault usually rests
_WRITTEN_EVERY = timedelta(hours=1)
_FORM = struct.Struct("<d")
_guard = threading.Lock()
_seen: dict[Path, datetime] = {}
_written: dict[Path, datetime] = {}
_since: dict[Path, float] = {}  # from when on this process counts hours by itself, while the clock is not believed


def believed(told: datetime) -> datetime:
    """Return the time that the machine tells; while it is not believed, the last one seen, and what passed since."""
    folder = stores.folder()
    with _guard:
        seen = _last(folder, told)
        if told - seen > LEAP:
            return seen + timedelta(seconds=time.monotonic() - _since.setdefault(folder, time.monotonic()))
        _since.pop(folder, None)
        _see(folder, max(seen, told))
    return told


def ahead(told: datetime) -> timedelta | None:
    """Return by how much the machine's clock is ahead of what is believed, or None where it is believed."""
    with _guard:
        leap = told - _last(stores.folder(), told)
    return leap if leap > LEAP else None


def believe(told: datetime) -> None:
    """Go on from the time that the machine tells."""
    with _guard:
        _written.pop(stores.folder(), None)
        _since.pop(stores.folder(), None)
        _see(stores.folder(), told)


def _last(folder: Path, told: datetime) -> datetime:
    if folder not in _seen:
        try:
            _seen[folder] = datetime.fromtimestamp(_FORM.unpack((folder / "time").read_bytes())[0], UTC)
        except (OSError, struct.error, ValueError, OverflowError):
            return told  # nothing is known
    return _seen[folder]


def _see(folder: Path, told: datetime) -> None:
    _seen[folder] = told
    before = _written.get(folder)
    if (before is None or abs(told - before) >= _WRITTEN_EVERY) and (folder / "slots").exists():
        _written[folder] = told
        with suppress(OSError):  # a full disk: it is written the next time
            write_whole(folder / "time", _FORM.pack(told.timestamp()))
