"""The door: who is in, since when, and in which world. Sessions live in this process's memory and nowhere else."""

import secrets
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from veil.casework import world
from veil.casework.cases.entrusting import NotOpen
from veil.casework.hand import Hand
from veil.casework.network.models import Worker, World
from veil.casework.policy import NotAllowed
from veil.errors import VeilError
from veil.vault import memory, stores
from veil.web import drafts, sorry
from veil.web.pages.declared import PUBLIC

COOKIE = "s"  # says nothing of what it is for
IDLE_S = 10 * 60
LONGEST_S = 12 * 3600
REMEMBERED_S = 15 * 60  # that a session ended, and why
_SLEPT_S = 45.0  # the clocks of a machine that was awake stay together
_MOST_EACH = 5  # sessions of one worker
_LOOK_EVERY_S = 5.0


@dataclass
class Session:
    """One worker at one browser."""

    hand: Hand
    public: bytes  # to which what was typed after the lock is sealed
    idle_s: float = IDLE_S
    sound: bool = False  # a new alarm is heard, not only seen: until this session ends
    began: float = field(default_factory=time.monotonic)
    last: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Gone:
    """A session that ended by itself: no key is left, only where to seal what is still sent."""

    store: str
    worker: uuid.UUID
    public: bytes
    why: str
    at: float


_sessions: dict[str, Session] = {}
_gone: dict[str, Gone] = {}
_guard = threading.RLock()
_clocks = [time.monotonic(), time.time()]
_watch: list[threading.Thread] = []


def enter(request: HttpRequest, response: HttpResponse, hand: Hand) -> HttpResponse:
    """Begin a session with a new token, in a cookie that ends with the browser; one that was there before ends."""
    leave(request.COOKIES.get(COOKIE))
    with world.within(hand.store):
        public = bytes(Worker.objects.values_list("public", flat=True).get(id=hand.id))
        minutes = World.objects.get().settings.get("idle minutes", IDLE_S / 60)
    token = secrets.token_urlsafe(32)
    with _guard:
        own = [name for name, one in _sessions.items() if (one.hand.store, one.hand.id) == (hand.store, hand.id)]
        for name in own[: max(0, len(own) + 1 - _MOST_EACH)]:
            leave(name)
        _sessions[token] = Session(hand, public, 60.0 * min(60.0, max(1.0, float(minutes))))
        _begin_watch()
    rotate_token(request)
    response.set_cookie(COOKIE, token, httponly=True, samesite="Strict", secure=request.is_secure())
    return response


def leave(token: str | None, why: str = "") -> None:
    """End a session and forget its keys; the store is locked when the last one in it ends."""
    with _guard:
        session = _sessions.pop(token or "", None)
        if session is None:
            return
        hand = session.hand
        if why:
            _gone[token or ""] = Gone(hand.store, hand.id, session.public, why, time.monotonic())
        hand.forget()
        if not any(other.hand.store == hand.store for other in _sessions.values()):
            stores.lock(hand.store)
    connections.close_all()
    memory.soon()


def look_round() -> None:
    """End every session that is idle or old, and all of them if the machine slept; called every few seconds."""
    now, told = time.monotonic(), time.time()
    slept = abs((told - _clocks[1]) - (now - _clocks[0])) > _SLEPT_S
    _clocks[:] = now, told
    with _guard:
        for token, session in list(_sessions.items()):
            if slept:
                leave(token, "slept")
            elif now - session.last > session.idle_s:
                leave(token, "idle")
            elif now - session.began > LONGEST_S:
                leave(token, "long")
        for token, gone in list(_gone.items()):
            if now - gone.at > REMEMBERED_S:
                del _gone[token]
    drafts.forget_old()


def session_of(request: HttpRequest) -> Session | None:
    """Return the session that a request belongs to, unless it has been idle for too long."""
    look_round()
    session = _sessions.get(request.COOKIES.get(COOKIE, ""))
    # a page that looks again by itself is nobody at the screen
    if session is not None and "again" not in request.GET:
        session.last = time.monotonic()
    return session


def why(request: HttpRequest) -> str:
    """Return why the session that this browser had is over: `idle`, `long`, `slept`, or nothing."""
    gone = _gone.get(request.COOKIES.get(COOKIE, ""))
    return gone.why if gone else ""


class Door:
    """Lets a request in with its worker's hand, in one world, whole or not at all; or sends it to the lock."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer within the worker's world."""
        request.hand = request.after = None
        request.leaving = ""
        token = request.COOKIES.get(COOKIE)
        session = session_of(request)
        if session is not None and request.method == "POST" and request.path == reverse("unlock"):
            leave(token)  # somebody else comes: nothing of the one before is left
            session = None
        if session is None:
            return self.get_response(request)
        try:
            response = self._within(request, session)
            if request.after is not None:  # what takes long, and keeps nobody else from working
                request.after()
        except _Undone as undone:
            response = undone.response
        except _Ended:
            leave(token)
            request.hand = None
            response = sorry.page(request, ended(), status=403)
            response.delete_cookie(COOKIE)
        if request.leaving:
            leave(token, "" if request.leaving == "out" else request.leaving)
        return _clears_the_screen(response, session)

    def _within(self, request: HttpRequest, session: Session) -> HttpResponse:
        with world.within(session.hand.store):
            request.hand, request.idle_s, request.sound = session.hand, int(session.idle_s), session.sound
            if not session.hand.works_here():
                raise _Ended
            response = self.get_response(request)
            if getattr(response, "undo", False):
                raise _Undone(response)
        if request.method == "POST" and request.hand is not None:
            drafts.settle(request.hand, request.path)
        return response

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponse | None:
        """Refuse a page that declares nothing, and every page but the public ones to whoever is not in."""
        act = getattr(view, "act", None)
        if act == PUBLIC:
            return None
        if act is None:
            return sorry.page(request, sorry.nothing_here(), status=404)
        if request.hand is not None:
            return None
        gone = _gone.get(request.COOKIES.get(COOKIE, ""))
        if gone is not None and request.method == "POST":
            drafts.keep((gone.store, gone.worker), gone.public, request.path, request.POST)
        return _to_the_lock(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn what went wrong into a page that says so and what to do next; what was half written is undone."""
        if isinstance(error, stores.Locked):
            request.leaving = "out"
            return _to_the_lock(request)
        if not isinstance(error, VeilError):
            return None
        if isinstance(error, NotAllowed) and not isinstance(error, NotOpen):
            return sorry.page(request, error)
        given = sorry.given_back(request, error, sorry.status_of(error), plain=False)
        return given or sorry.page(request, error)


def ended() -> VeilError:
    """Return what somebody is told whose access was ended while they were in."""
    return VeilError(
        _("your access to this vault has ended"),
        _("what you saved is safe with the others; speak with a coordinator in the way you agreed"),
    )


def _to_the_lock(request: HttpRequest) -> HttpResponse:
    if "HX-Request" in request.headers:  # the whole page goes, not a part of it
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("unlock")})
    return redirect("unlock")


def _clears_the_screen(response: HttpResponse, session: Session) -> HttpResponse:
    """Have a page without anything to type in leave the screen by itself, scripts or none, when the lock falls."""
    if isinstance(response, HttpResponseRedirect) or response.streaming or "Refresh" in response.headers:
        return response
    told = bytes(response.content)
    writes = any(sign in told for sign in (b"<textarea", b'type="text"', b'type="password"'))
    if response.headers.get("Content-Type", "").startswith("text/html") and b"<body" in told and not writes:
        response["Refresh"] = f"{int(session.idle_s) + 5}; url={reverse('unlock')}"
    return response


def _begin_watch() -> None:
    if not any(thread.is_alive() for thread in _watch):
        _watch[:] = [threading.Thread(target=_keep_watch, name="lock", daemon=True)]
        _watch[0].start()


def _keep_watch() -> None:
    while _sessions or _gone or memory.is_asked():
        time.sleep(_LOOK_EVERY_S)
        look_round()
        stores.calm()
        memory.forget_if_asked()


class _Ended(Exception):
    """The worker was revoked while their session was open."""


class _Undone(Exception):
    """The answer says that something went wrong: what was written on the way is taken back."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response
