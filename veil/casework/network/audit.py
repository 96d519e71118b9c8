"""The audit: a chain of hashes over who did what kind of thing to which random id; append only, without content."""

import uuid
from datetime import datetime
from hashlib import blake2b

from django.utils.translation import gettext as _

from veil.casework import clock
from veil.casework.network.models import AuditEvent
from veil.errors import VeilError


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


def verify() -> int:
    """Walk the chain and return how many events it holds; raise `Broken` at the first that does not fit."""
    last, count = b"", 0
    for event in AuditEvent.objects.order_by("id").iterator():
        last_link = _link(last, event.at, event.who, event.act, event.what)
        if last_link != bytes(event.link):
            raise Broken
        last, count = last_link, count + 1
    return count


def _link(last: bytes, at: datetime, who: uuid.UUID, act: str, what: uuid.UUID | None) -> bytes:
    told = f"{at.timestamp():.6f} {who} {act} {what}".encode()
    return blake2b(last + told, digest_size=32, person=b"veil audit").digest()
