"""Places: a file of fixed size with room for so many sealed letters; those in use look like those filled with noise.

Only a day is kept of each. The letters of one minute and those of one month lie in no order. The file never grows, so
its size tells nothing; how many places are in use can be counted, whose they are cannot.
"""

import fcntl
import os
import secrets
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from veil.errors import VeilError
from veil.whole import write_whole

_FIRST_DAY = date(1970, 1, 1)


class Full(VeilError):
    """Every place is taken."""

    def __init__(self) -> None:
        super().__init__(
            _("there is no room for another message now"), _("try again in some hours, or use another way")
        )


@dataclass(frozen=True)
class Places:
    """A file of `count` places, each of `size` bytes, in `parts` that do not take room from each other."""

    path: Path
    count: int
    size: int
    parts: int = 1

    def make(self) -> None:
        """Write the file with noise in every place, unless it is there already."""
        if not self.path.exists():
            write_whole(self.path, bytes(2 * self.count) + secrets.token_bytes(self.count * self.size))
            blur(self.path)

    def put(self, body: bytes, day: date, part: int = 0) -> None:
        """Put one body in a free place that chance chooses; when this returns it is on the disk. Raise `Full`."""
        if len(body) != self.size:
            raise ValueError("a place has a fixed size")
        with self._open() as file:
            days = self._days(file)
            share = self.count // self.parts
            free = [place for place in range(part * share, (part + 1) * share) if not days[place]]
            if not free:
                raise Full
            place = secrets.choice(free)
            file.seek(2 * self.count + place * self.size)
            file.write(body)
            _sync(file)  # first the words, then that they count: what is cut short was never acknowledged
            self._mark(file, place, (day - _FIRST_DAY).days)

    def bodies(self, *, all_of_them: bool = False) -> list[tuple[int, bytes]]:
        """Return the places in use and their bodies; or every place, noise too, so that looking takes one time."""
        with self._open() as file:
            days = self._days(file)
            data = file.read(self.count * self.size)
        return [
            (place, data[place * self.size : (place + 1) * self.size])
            for place in range(self.count)
            if days[place] or all_of_them
        ]

    def clear(self, told: list[tuple[int, bytes]]) -> None:
        """Fill places with noise again, unless something else was laid there since it was read."""
        with self._open() as file:
            for place, body in told:
                file.seek(2 * self.count + place * self.size)
                if file.read(self.size) == body:
                    self._clear(file, place)

    def forget_before(self, day: date) -> int:
        """Clear what is older than a day, and return how many that were."""
        with self._open() as file:
            days = enumerate(self._days(file))
            old = [place for place, told in days if told and _FIRST_DAY + timedelta(days=told) < day]
            for place in old:
                self._clear(file, place)
        return len(old)

    def used(self, part: int = 0) -> int:
        """Return how many places of a part are in use."""
        share = self.count // self.parts
        with self._open() as file:
            return sum(1 for told in self._days(file)[part * share : (part + 1) * share] if told)

    @property
    def share(self) -> int:
        """Return how many places a part has."""
        return self.count // self.parts

    @contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        with self.path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # also against another process
            if os.fstat(file.fileno()).st_size != self.count * (2 + self.size):
                raise VeilError(_("the inbox is damaged"), _("restore it with `veil vault restore`"))
            yield file
        blur(self.path)

    def _days(self, file: BinaryIO) -> tuple[int, ...]:
        file.seek(0)
        return struct.unpack(f"<{self.count}H", file.read(2 * self.count))

    def _clear(self, file: BinaryIO, place: int) -> None:
        file.seek(2 * self.count + place * self.size)
        file.write(secrets.token_bytes(self.size))
        _sync(file)
        self._mark(file, place, 0)

    def _mark(self, file: BinaryIO, place: int, day: int) -> None:
        file.seek(2 * place)
        file.write(struct.pack("<H", day))
        _sync(file)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def blur(path: Path) -> None:
    """Set a file's times to the beginning of the day: the hour is nobody's business."""
    day = datetime.now(tz=UTC).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    os.utime(path, (day, day))
