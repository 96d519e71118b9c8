"""The audit: a chain of hashes over who did what kind of thing to which random id; append only, without content."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from veil.casework import clock
from veil.casework.network.models import AuditEvent
from veil.errors import VeilError

_AT_ONCE = 10_000  # the newest that are walked at an unlocking (some 70 ms): years of a small network
_OLDER = 1500  # of those before, at a place that chance chooses


class Broken(VeilError):
    """An event of the audit was changed, removed or put in."""

    def __init__(self) -> None:
        super().__init__(
            _("the audit was tampered with"),
            _("stop working in this vault, tell the auditor, and restore a backup that `veil vault verify` accepts"),
        )


def note(who: uuid.UUID, act: str, what: uuid.UUID | None) -> None:
    """Append one event."""
    at = clock.note()
    last = AuditEvent.objects.order_by("-id").values_list("link", flat=True).first()
    AuditEvent.objects.create(at=at, who=who, act=act, what=what, link=_link(bytes(last or b""), at, who, act, what))


@dataclass(frozen=True)
class Checked:
    """What a walk along the whole chain found: how many events, and the mark of the last one."""

    events: int
    mark: str  # changes with every event; written on paper, it shows later whether anything before it was changed


def verify() -> int:
    """Walk the chain and return how many events it holds; raise `Broken` at the first that does not fit."""
    return checked().events


def checked() -> Checked:
    """Walk the chain and return what was found; raise `Broken` at the first event that does not fit."""
    last, count = b"", 0
    rows = AuditEvent.objects.order_by("id").values_list("at", "who", "act", "what", "link")
    for at, who, act, what, link in rows.iterator(chunk_size=4000):
        last = _link(last, at, who, act, what)
        if last != bytes(link):
            raise Broken
        count += 1
    return Checked(count, _mark(last))


def verify_some() -> None:
    """Walk the newest part of the chain, and a part of the older ones that chance chooses; raise `Broken`.

    This is done at each unlocking; a chain of fewer than 10,000 events is walked whole. The rest is walked by
    `veil vault verify` and on the auditor's page: a walk of everything would tell how long a world was lived in.
    """
    last = AuditEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
    newest = max(0, last - _AT_ONCE)
    _walk(newest, last)
    if newest:
        start = secrets.randbelow(newest)
        _walk(start, min(newest, start + _OLDER))


def _walk(after: int, until: int) -> None:
    before = AuditEvent.objects.filter(id__lte=after).order_by("-id").values_list("link", flat=True).first()
    link = bytes(before or b"")
    rows = AuditEvent.objects.filter(id__gt=after, id__lte=until).order_by("id")
    for at, who, act, what, told in rows.values_list("at", "who", "act", "what", "link"):
        link = _link(link, at, who, act, what)
        if link != bytes(told):
            raise Broken


def has(mark: str) -> bool:
    """Tell whether an event still has a mark that was written down."""
    told = "".join(mark.lower().split())
    links = AuditEvent.objects.values_list("link", flat=True).iterator(chunk_size=4000)
    return len(told) == 16 and any(bytes(link).hex().startswith(told) for link in links)


def days(most: int | None) -> list[tuple[date, list[tuple[str, int]]]]:
    """Return how often each kind of thing was done on each of the last days, the newest first: counts, and no ids."""
    rows = AuditEvent.objects.annotate(day=TruncDate("at")).values_list("day", "act").annotate(count=Count("id"))
    told: dict[date, list[tuple[str, int]]] = {}
    for day, act, count in rows.order_by("-day", "act"):
        told.setdefault(day, []).append((act, count))
    return list(told.items())[:most]


def _mark(link: bytes) -> str:
    told = link.hex()
    return " ".join(told[start : start + 4] for start in range(0, 16, 4))


def _link(last: bytes, at: datetime, who: uuid.UUID, act: str, what: uuid.UUID | None) -> bytes:
    told = f"{at.timestamp():.6f} {who} {act} {what}".encode()
    return blake2b(last + told, digest_size=32, person=b"veil audit").digest()
