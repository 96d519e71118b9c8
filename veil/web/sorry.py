"""Pages for when something went wrong: what happened, and what to do next, in the reader's language."""

import errno
import sys

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from veil.casework.hand import Changed
from veil.casework.policy import NotAllowed
from veil.errors import VeilError

# What SQLite and PostgreSQL say of a full disk, a damaged store, and a store that somebody else is writing to.
_FULL = ("disk is full", "no space left", "disk full")
_DAMAGED = ("malformed", "not a database", "disk i/o error", "invalid page", "hmac")
_BUSY = ("is locked", "deadlock", "lock timeout", "could not serialize")


def page(request: HttpRequest, error: VeilError, status: int | None = None) -> HttpResponse:
    """Say what went wrong; what the request wrote on the way is undone."""
    told = {"problem": _(str(error)), "hint": _(error.hint), "plain": True}
    response = render(request, "veil/sorry.html", told, status=status or _status(error))
    response.undo = True
    return response


def nothing_here() -> VeilError:
    """Return what is said of an address that leads nowhere."""
    return VeilError(_("there is no such page"), _("go back to the board"))


def lost(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Say that an address leads nowhere."""
    return page(request, nothing_here(), 404)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Say that what was sent cannot be read."""
    return page(request, VeilError(_("this cannot be read"), _("go back, and try it once more")), 400)


def broken(request: HttpRequest) -> HttpResponse:
    """Say what went wrong where nobody had foreseen it; nothing of it is written anywhere."""
    error = sys.exc_info()[1]
    return page(request, said_of(error), 503)


def said_of(error: BaseException | None) -> VeilError:
    """Return what to say of an error that is not ours: a full disk, a damaged store, one in use, or the unknown."""
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


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """Say that a form was sent from elsewhere, or from before the lock."""
    return page(request, VeilError(_("this form is too old"), _("open the page again and send it once more")), 403)


def _status(error: VeilError) -> int:
    if isinstance(error, NotAllowed):
        return 403
    return 409 if isinstance(error, Changed) else 400
