"""Entering and continuing a request: what is said on the phone, the way to call back, and each call after it."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from veil.casework import clock, naming
from veil.casework.hand import Hand, Words
from veil.casework.keeping import clocks
from veil.casework.network.models import Worker, World
from veil.casework.network.roles import Kind
from veil.casework.requests import taking
from veil.casework.requests.journey import JOURNEY
from veil.casework.requests.models import Note, Request

MISSED = 3  # calls in a row that nobody answered: contact is lost; a network may set its own figure
CALL_IN_MINUTES = (15, 60, 180, 720, 1440, 2880, 10080)


def enter(hand: Hand, said: dict[str, Any]) -> Request:
    """Write down a new call: whoever wrote it holds it, and calls back."""
    hand.require("request.enter")
    me = Worker.objects.get(id=hand.id)
    made = uuid.uuid4()
    request = Request.objects.create(
        id=made,
        root=made,
        code=naming.code(),
        danger=bool(said.get("danger")),
        taken_by=hand.id,
        in_hand_of=taking.in_hand(hand),
        since=clock.now(),
    )
    hand.make(made, made, Kind.FILE, [me, *taking.coordinators()])
    hand.make(made, request.contact, Kind.FILE, [me])
    hand.write(made, made, Kind.FILE, said, version=0)
    clocks.start(made, made, "request")
    hand.note("request entered", made)
    return request


def save(hand: Hand, request: Request, said: dict[str, Any], version: int) -> None:
    """Save what was said so far; raise `Changed` if somebody saved in between."""
    hand.require("request.change")
    before = hand.read(request.id, request.id, Kind.FILE).said
    hand.write(request.id, request.id, Kind.FILE, before | said, version)
    danger = bool((before | said).get("danger"))
    if danger and not request.danger:  # what a coordinator had in hand before was something else
        Request.objects.filter(id=request.id).update(in_hand_of=taking.in_hand(hand))
    Request.objects.filter(id=request.id).update(danger=danger)
    hand.note("request changed", request.id)


def read_contact(hand: Hand, request: Request) -> Words:
    """Return where to call back; each look is noted in the audit. Raise `NotAllowed` without its key."""
    words = hand.read(request.contact, request.contact, Kind.FILE)
    hand.note("contact opened", request.id)
    return words


def save_contact(hand: Hand, request: Request, said: dict[str, Any], version: int) -> None:
    """Save where to call back."""
    hand.require("request.change")
    hand.write(request.contact, request.contact, Kind.FILE, said, version)
    hand.note("contact changed", request.id)


def add_note(hand: Hand, what: uuid.UUID, said: dict[str, Any], call_in_minutes: int | None) -> Request:
    """Add a call or a remark, and when to call next; too many calls that nobody answered lose the contact."""
    hand.require("request.change")
    request = taking.mine(hand, what)
    note = Note.objects.create(root=what, at=clock.now(), by=hand.id)
    hand.write(note.id, what, Kind.FILE, said, version=0)
    if call_in_minutes is not None:
        request.call_due = clock.now() + timedelta(minutes=call_in_minutes)
    elif said.get("call") in {"talked", "theirs"}:
        request.call_due = None
    if said.get("call") == "missed":
        request.missed += 1
    elif said.get("call") in {"talked", "theirs"}:
        request.missed = 0
        heard(request)
    if request.missed >= most_missed() and request.state != "lost contact" and _may_be_lost(request):
        request.before, request.state = request.state, "lost contact"
        hand.note("contact lost", what)
    request.save()
    hand.note("call noted", what)
    return request


def heard(request: Request) -> None:
    """Bring a request whose contact was lost back to where it was; the caller saves it."""
    if request.state == "lost contact":
        to = request.before or JOURNEY.first
        JOURNEY.check(request.state, to)
        request.state, request.before = to, ""


def most_missed() -> int:
    """Return after how many calls in a row contact counts as lost."""
    return int(World.objects.values_list("settings", flat=True).get().get("missed calls", MISSED))


@dataclass(frozen=True)
class Told:
    """One call or remark as it is shown."""

    note: Note
    by: str
    said: dict[str, Any]


def notes(hand: Hand, what: uuid.UUID) -> list[Told]:
    """Return the calls and remarks of a request, newest first."""
    rows = list(Note.objects.filter(root=what).order_by("-at"))
    signs = dict(Worker.objects.filter(id__in={row.by for row in rows}).values_list("id", "call_sign"))
    return [Told(row, signs.get(row.by, ""), hand.read(row.id, what, Kind.FILE).said) for row in rows]


def _may_be_lost(request: Request) -> bool:
    return "lost contact" in JOURNEY.steps.get(request.state, frozenset())
