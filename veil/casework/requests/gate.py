"""The gate of the public form: tickets, and a line in which a flood waits longer but pushes nobody out.

A ticket is random, signed, good for one message, and kept by its owner alone. Three lanes have their own room and
pace: for those whose browser worked for the ticket (SHA-256 with leading zeros), for those who wait, as Tor Browser at
its safest level must, and for those to whom somebody of ours gave words (`introductions`).

While there is room nobody waits. In a flood a ticket stands in two lines, as long as its page keeps calling, and goes
by the one in which it is first: by its age; or, so that a thousand who came at once do not stand before whoever comes
later, the first of every few minutes before the second of any. Who goes away loses the place to those behind. Of a
ticket that was used a hash and a day are kept, so that none is taken twice, also after a restart.
"""

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from veil.casework.requests import inbox, introductions
from veil.casework.requests.places import blur
from veil.errors import VeilError
from veil.whole import write_whole

WAIT, WORK, KNOWN = 0, 1, 2  # the lanes, and the parts of the inbox
FRESH = 3  # the second line of those who wait: of its own pace, in the same part of the inbox
BURST = (12, 48, 24, 12)
AN_HOUR = (4.0, 12.0, 12.0, 3.0)
PART = {FRESH: WAIT}
TOGETHER_S = 300  # who came within so long stands one behind the other in the second line
_SPENT_DAYS = 62  # longer than an introduction is good for
LEAST_AGE_S = 15  # nobody writes faster; a machine does
GOOD_FOR_S = 24 * 3600
CALLS_EVERY_S = 45
GONE_AFTER_S = 15 * 60
HOLDS_S = 2 * 3600  # for who stands in line with a form already written, and cannot call by itself
MOST_IN_LINE = 5000
PIECES = 16
LEAST_BITS, MOST_BITS = 12, 20


@dataclass(frozen=True)
class Ticket:
    """One place at the gate."""

    id: str
    born: int
    bits: int  # of work, for each of its pieces, if it takes that lane

    def signed(self) -> str:
        """Return the ticket as its owner carries it."""
        told = f"{self.id}.{self.born}.{self.bits}"
        return f"{told}.{_mac(told)}"

    def works(self, told: str) -> bool:
        """Tell whether these nonces are the work for this ticket."""
        nonces = told.split(",")
        if len(nonces) != PIECES or not all(one.isascii() and one.isdigit() and len(one) < 16 for one in nonces):
            return False
        return all(
            int.from_bytes(sha256(f"{self.id}:{piece}:{nonce}".encode()).digest()[:4], "big") >> (32 - self.bits) == 0
            for piece, nonce in enumerate(nonces)
        )


@dataclass
class _Lane:
    """How much room one lane has; refilled by the hour."""

    burst: int
    an_hour: float
    room: float
    at: float = field(default_factory=time.monotonic)

    def filled(self) -> float:
        now = _beat()
        self.room = min(self.burst, self.room + (now - self.at) * self.an_hour / 3600)
        self.at = now
        return self.room


@dataclass
class _Place:
    """Of a ticket that waits: when it was made, how many of the same minutes were there before, how long it holds."""

    born: int
    rank: int
    until: float


@dataclass
class _Line:
    """Who waits, in this process's memory only, by random ids; and how many came in the same few minutes."""

    lanes: tuple[_Lane, ...]
    waiting: dict[str, _Place] = field(default_factory=dict)
    came: dict[int, int] = field(default_factory=dict)


_guard = threading.RLock()
_lines: dict[Path, _Line] = {}


def ticket() -> Ticket:
    """Return a new ticket."""
    with _guard:
        room = _line().lanes[WORK].filled() / BURST[WORK]
        bits = LEAST_BITS + round((MOST_BITS - LEAST_BITS) * max(0.0, 1 - 2 * room))
    return Ticket(secrets.token_hex(16), _now(), bits)


def read(told: str) -> Ticket | None:
    """Return the ticket that a form carried; None for anything that we did not sign, or that is too old."""
    parts = told[:200].split(".")
    if len(parts) != 4 or not told.isascii() or not secrets.compare_digest(_mac(".".join(parts[:3])), parts[3]):
        return None
    found = Ticket(parts[0], int(parts[1]), int(parts[2]))
    return found if -60 <= _now() - found.born <= GOOD_FOR_S else None  # not from after a clock that was set back


def wait_s(one: Ticket, *, holds: bool = False) -> int:
    """Return how long this ticket still waits, 0 for not at all; calling keeps its place in line."""
    return _turn(one, holds=holds)[0]


def _turn(one: Ticket, *, holds: bool) -> tuple[int, int]:
    """Return how long a ticket still waits, and by which of the two lines it goes."""
    with _guard:
        line = _line()
        _let_go(line)
        place = _place(line, one)
        place.until = _beat() + (HOLDS_S if holds else GONE_AFTER_S)
        others = [other for id_, other in line.waiting.items() if id_ != one.id]
        before = {
            WAIT: sum(1 for other in others if other.born < place.born),
            FRESH: sum(1 for other in others if (other.rank, other.born) < (place.rank, place.born)),
        }
        left = {lane: count + 1 - _room(line, lane) for lane, count in before.items()}
        for lane, count in left.items():
            if count <= 0:
                line.waiting.pop(one.id, None)
                return 0, lane
        return max(60, round(min(count * 3600 / AN_HOUR[lane] for lane, count in left.items()))), WAIT


def _place(line: _Line, one: Ticket) -> _Place:
    found = line.waiting.get(one.id)
    if found is None:
        minutes = one.born // TOGETHER_S
        found = _Place(one.born, line.came.get(minutes, 0), 0.0)
        if len(line.waiting) < MOST_IN_LINE:
            line.waiting[one.id] = found
            line.came[minutes] = found.rank + 1
    return found


@dataclass(frozen=True)
class Word:
    """What the gate says to a message: come in (by a lane), wait so long, or it was here already."""

    lane: int = WAIT
    wait_s: int = 0
    used: bool = False
    known: str = ""  # the introduction that lets them in


class Spent(VeilError):
    """Somebody else has used these words meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("the words that you were given were used already"), _("send again: without them you stand in the line")
        )


def introduce() -> str:
    """Return a fresh introduction, for somebody of ours to give away."""
    kept = _kept()
    return introductions.new(bytes.fromhex(kept["key"]), kept.get("spent", {}))


def known(said: str) -> str:
    """Return the introduction that these words are, if it is ours and was not used yet; nothing otherwise."""
    kept = _kept()
    told = introductions.read(bytes.fromhex(kept["key"]), said)
    return "" if told in kept.get("spent", {}) else told


def ask(one: Ticket, work: str = "", said: str = "") -> Word:
    """Ask for admission, with work that was done or with what somebody said; nothing is used up before `admit`."""
    if _hash(one) in _kept()["used"]:
        return Word(used=True)
    introduction = known(said) if said else ""
    with _guard:
        line = _line()
        if introduction and _room(line, KNOWN) >= 1:
            return Word(lane=KNOWN, known=introduction)
        if work and one.works(work) and _room(line, WORK) >= 1:
            return Word(lane=WORK)
    age = _now() - one.born
    if age < LEAST_AGE_S:
        return Word(wait_s=LEAST_AGE_S - age)
    waits, lane = _turn(one, holds=True)
    return Word(lane=lane, wait_s=waits)


@contextmanager
def admit(one: Ticket, word: Word) -> Iterator[bool]:
    """Use a ticket up while its message is laid in; yield False if it was used meanwhile.

    If laying in fails, the ticket stays good.
    """
    with _guard:
        kept = _kept()
        if _hash(one) in kept["used"]:
            yield False
            return
        if word.known and word.known in kept.get("spent", {}):
            raise Spent
        yield True
        if word.known:
            kept["spent"] = kept.get("spent", {}) | {word.known: inbox.today().toordinal()}
        kept["used"][_hash(one)] = inbox.today().toordinal()
        _keep(kept)
        lane = _line().lanes[word.lane]
        lane.room = lane.filled() - 1
        _line().waiting.pop(one.id, None)


def _room(line: _Line, lane: int) -> float:
    """Return how many messages a lane takes now: by its pace, and by the places that are free in its part."""
    places = inbox.letters()
    return min(line.lanes[lane].filled(), places.share - places.used(PART.get(lane, lane)))


def _let_go(line: _Line) -> None:
    now = _beat()
    for gone in [id_ for id_, place in line.waiting.items() if place.until < now]:
        del line.waiting[gone]
    oldest = (_now() - GOOD_FOR_S) // TOGETHER_S
    for minutes in [minutes for minutes in line.came if minutes < oldest]:
        del line.came[minutes]


def _line() -> _Line:
    here = inbox.folder()
    if here not in _lines:
        # half full: a restart neither opens the gate to a flood nor shuts it
        half = [_Lane(burst, hour, burst / 2) for burst, hour in zip(BURST, AN_HOUR, strict=True)]
        _lines[here] = _Line(tuple(half))
    return _lines[here]


def _hash(one: Ticket) -> str:
    return blake2b(one.id.encode(), digest_size=16, person=b"veil used").hexdigest()


def _mac(told: str) -> str:
    key = bytes.fromhex(_kept()["key"])
    return blake2b(told.encode(), key=key, digest_size=16, person=b"veil ticket").hexdigest()


def _kept() -> dict[str, Any]:
    path = inbox.folder() / "gate"
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        inbox.published()
        with _guard:
            if not path.exists():
                _keep({"key": secrets.token_hex(32), "used": {}})
        told = json.loads(path.read_bytes())
    return told


def _keep(kept: dict[str, Any]) -> None:
    today = inbox.today().toordinal()
    fresh = {one: day for one, day in sorted(kept["used"].items()) if today - day <= 2}  # sorted: no order of arrival
    spent = {one: day for one, day in sorted(kept.get("spent", {}).items()) if today - day <= _SPENT_DAYS}
    path = inbox.folder() / "gate"
    write_whole(path, json.dumps(kept | {"used": fresh, "spent": spent}).encode())
    for told in (path, path.parent):  # when the last message came is nobody's business
        blur(told)


def _now() -> int:
    return int(time.time())


def _beat() -> float:
    return time.monotonic()
