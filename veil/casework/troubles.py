"""Troubles of the disk and the store: what to say of them, on a page and on the command line."""

import errno

from django.db import DatabaseError
from django.utils.translation import gettext as _

from veil.errors import VeilError

# What SQLite and PostgreSQL say of a full disk, a damaged store, and a store that somebody else is writing to.
_FULL = ("disk is full", "no space left", "disk full")
_DAMAGED = ("malformed", "not a database", "disk i/o error", "invalid page", "hmac")
_BUSY = ("is locked", "deadlock", "lock timeout", "could not serialize")


def said_of(error: BaseException | None) -> VeilError:
    """Return what to say of an error: a full disk, a damaged store, one in use, or the unknown."""
    if isinstance(error, VeilError):
        return error
    words = str(error).casefold() if isinstance(error, DatabaseError | OSError) else ""
    if any(told in words for told in _FULL) or getattr(error, "errno", None) == errno.ENOSPC:
        return VeilError(
            _("the disk is full: the last step was not saved, everything before it was"),
            _("make room on this disk, then do the last step again"),
        )
    if any(told in words for told in _DAMAGED):
        return VeilError(
            _("the vault’s file is damaged, so nothing more is written to it"),
            _("lock, tell your coordinator, and restore the last backup that `veil vault verify` accepts"),
        )
    if any(told in words for told in _BUSY):
        return VeilError(
            _("somebody else was saving at this moment, so your last step was not saved"),
            _("go back, and send it once more"),
        )
    return VeilError(
        _("something went wrong that should not: the last step was not saved, everything before it was"),
        _("go back and try it once more; if it happens again, lock and tell your coordinator"),
    )
