"""Drafts: what somebody sent after the lock had fallen, sealed to their own key in memory until they are in again."""

import json
import threading
import time
import uuid
from dataclasses import dataclass

from django.http import QueryDict

from veil.casework.hand import Hand
from veil.vault import seal

KEPT_S = 15 * 60
_MOST_BYTES = 256 * 1024
_MOST = 64
_NEVER = ("csrfmiddlewaretoken", "security_key", "kept_path")
Whose = tuple[str, uuid.UUID]


@dataclass(frozen=True)
class Draft:
    """What was typed, and the page that it was for."""

    path: str
    fields: tuple[tuple[str, str], ...]

    @property
    def words(self) -> list[str]:
        """Return what a person can read in it."""
        return [told for _, told in self.fields if _is_words(told)]


_kept: dict[Whose, tuple[float, bytes]] = {}
_guard = threading.Lock()


def keep(whose: Whose, public: bytes, path: str, sent: QueryDict) -> None:
    """Seal what was sent to the worker's key; passphrases and files are left out, and what is too long is not kept."""
    fields = [(name, told) for name, values in sent.lists() if _may_be_kept(name) for told in values]
    plain = json.dumps([path, fields]).encode()
    if not any(_is_words(told) for _, told in fields) or len(plain) > _MOST_BYTES:
        return
    with _guard:
        _kept.pop(whose, None)
        while len(_kept) >= _MOST:
            _kept.pop(next(iter(_kept)))
        _kept[whose] = (time.monotonic(), seal.wrapped(seal.padded(plain), public))


def of(hand: Hand) -> Draft | None:
    """Return what was kept for this worker."""
    found = _kept.get((hand.store, hand.id))
    if found is None or time.monotonic() - found[0] > KEPT_S:
        return None
    path, fields = json.loads(seal.unpadded(hand.unseal(found[1])))
    return Draft(path, tuple((name, told) for name, told in fields))


def drop(hand: Hand) -> None:
    """Throw away what was kept for this worker."""
    with _guard:
        _kept.pop((hand.store, hand.id), None)


def settle(hand: Hand, path: str) -> None:
    """Throw away what was kept, once it was sent to the page that it was for."""
    if (hand.store, hand.id) not in _kept:
        return
    draft = of(hand)
    if draft is None or draft.path == path:
        drop(hand)


def forget_old() -> None:
    """Throw away what nobody came back for."""
    with _guard:
        for whose, (at, _box) in list(_kept.items()):
            if time.monotonic() - at > KEPT_S:
                del _kept[whose]


def words_of(sent: QueryDict) -> list[str]:
    """Return what a person typed into a form that was sent, without passphrases."""
    return [told for name, values in sent.lists() if _may_be_kept(name) for told in values if _is_words(told)]


def _may_be_kept(name: str) -> bool:
    return name not in _NEVER and "passphrase" not in name and "slip_words" not in name


def _is_words(told: str) -> bool:
    return len(told.strip()) > 20 or " " in told.strip()
