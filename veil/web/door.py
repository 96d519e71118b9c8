"""The door: who is in, since when, and in which world. Sessions live in this process's memory and nowhere else."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from veil.casework import world
from veil.casework.hand import Hand
from veil.casework.network.models import Worker
from veil.errors import VeilError
from veil.vault import stores
from veil.web import sorry
from veil.web.pages.declared import PUBLIC

COOKIE = "veil"
IDLE_S = 10 * 60


@dataclass
class Session:
    """One worker at one browser."""

    hand: Hand
    last: float = field(default_factory=time.monotonic)


_sessions: dict[str, Session] = {}
_guard = threading.Lock()


def enter(response: HttpResponse, hand: Hand) -> HttpResponse:
    """Begin a session; its token is in a cookie that ends with the browser."""
    token = secrets.token_urlsafe(32)
    with _guard:
        _sessions[token] = Session(hand)
    response.set_cookie(COOKIE, token, httponly=True, samesite="Strict")
    return response


def leave(token: str | None) -> None:
    """End a session and forget its keys; the store is locked when the last one in it ends."""
    with _guard:
        session = _sessions.pop(token or "", None)
        if session is None:
            return
        session.hand.forget()
        if not any(other.hand.store == session.hand.store for other in _sessions.values()):
            stores.lock(session.hand.store)
    connections.close_all()


def session_of(request: HttpRequest) -> Session | None:
    """Return the session that a request belongs to, unless it has been idle for too long."""
    token = request.COOKIES.get(COOKIE)
    session = _sessions.get(token or "")
    if session is None:
        return None
    if time.monotonic() - session.last > IDLE_S:
        leave(token)
        return None
    if "again" not in request.GET:  # a page that looks again by itself is nobody at the screen
        session.last = time.monotonic()
    return session


class Door:
    """Lets a request in with its worker's hand, in one world, whole or not at all; or sends it to the lock."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer within the worker's world."""
        request.hand = None
        session = session_of(request)
        if session is None:
            return self.get_response(request)
        try:
            with world.within(session.hand.store):
                request.hand = session.hand
                if not Worker.objects.filter(id=session.hand.id, ended=None).exists():
                    raise _Ended
                response = self.get_response(request)
                if getattr(response, "undo", False):
                    raise _Undone(response)
                return response
        except _Undone as undone:
            return undone.response
        except _Ended:
            leave(request.COOKIES.get(COOKIE))
            return redirect("unlock")

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponse | None:
        """Refuse a page that declares nothing, and every page but the public ones to whoever is not in."""
        act = getattr(view, "act", None)
        if act == PUBLIC:
            return None
        if act is None:
            return sorry.page(request, sorry.nothing_here(), status=404)
        return redirect("unlock") if request.hand is None else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn what went wrong into a page that says so and what to do next; what was half written is undone."""
        if not isinstance(error, VeilError):
            return None
        return sorry.page(request, error)


class _Ended(Exception):
    """The worker was revoked while their session was open."""


class _Undone(Exception):
    """The answer says that something went wrong: what was written on the way is taken back."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response
