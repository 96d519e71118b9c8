"""Move plans: from a draft over the go of two people to arrival; the words are sealed, and destroyed afterwards."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veil.casework import clock, naming
from veil.casework.hand import Changed, Hand, Words
from veil.casework.keeping import clocks
from veil.casework.moves.checkins import holders_of
from veil.casework.moves.fields import MOVE, SHARED
from veil.casework.moves.models import CheckIn, Leg, Move
from veil.casework.network.models import Worker, World
from veil.casework.network.roles import Kind
from veil.casework.policy import NotAllowed
from veil.casework.states import Journey, NotNow
from veil.errors import VeilError

JOURNEY = Journey(
    "draft",
    {
        "draft": frozenset({"planned", "destroyed"}),
        "planned": frozenset({"draft", "go", "no-go", "destroyed"}),
        "no-go": frozenset({"draft", "destroyed"}),
        "go": frozenset({"under way", "no-go"}),
        "under way": frozenset({"arrived", "aborted"}),
        "arrived": frozenset({"destroyed"}),
        "aborted": frozenset({"destroyed"}),
    },
)
STATES = {
    "draft": gettext_lazy("draft"),
    "planned": gettext_lazy("planned"),
    "go": gettext_lazy("go"),
    "no-go": gettext_lazy("no-go"),
    "under way": gettext_lazy("under way"),
    "arrived": gettext_lazy("arrived"),
    "aborted": gettext_lazy("broken off"),
}
CHECKLIST = {
    "asked": gettext_lazy("They were asked today, by voice and alone, and they want to go."),
    "story": gettext_lazy("Everybody can tell the story without reading it, and it fits the others'."),
    "ready": gettext_lazy("Where they arrive is ready, and somebody opens the door."),
    "phones": gettext_lazy("Phones that stay behind have stayed behind; the old one is off."),
    "need": gettext_lazy("Papers, medicine and money are in the hand of whoever needs them."),
    "fallback": gettext_lazy("Each team knows where to fall back to, and the sign to break off."),
    "watch": gettext_lazy("Somebody stays awake for the check-ins until they have arrived."),
    "quiet": gettext_lazy("Nothing today looks like a trap: no new person, no changed hour, no pressure."),
}
GRACE = timedelta(minutes=15)  # at the end of a leg
_EDITED = {"draft", "planned"}
HOURS = {"arrived": 24, "aborted": 72}  # after which a plan destroys itself; a network may set its own


def plan(hand: Hand, case: uuid.UUID, said: dict[str, Any], without: Iterable[uuid.UUID] = ()) -> Move:
    """Return the draft of a new move of a case, sealed to those who hold the case's movements, `without` some."""
    hand.require("move.plan")
    if not hand.holds(case, Kind.MOVEMENT):
        raise NotAllowed
    made: Move = Move.objects.create(root=case, case=case, code=naming.code(), state=JOURNEY.first, since=clock.now())
    hand.make(case, made.id, Kind.MOVEMENT, Worker.objects.filter(id__in=holders_of(case, case) - set(without)))
    hand.write(made.id, made.id, Kind.MOVEMENT, _kept(said), 0)
    clocks.start(made.id, case, "move")
    hand.note("move planned", made.id)
    return made


def tonight(hand: Hand, case: uuid.UUID, without: Iterable[uuid.UUID] = ()) -> Move:
    """Return the draft of a move to another house, within the next twelve hours."""
    now = clock.now()
    return plan(hand, case, {"kind": "house", "earliest": now, "latest": now + timedelta(hours=12)}, without)


def words(hand: Hand, what: uuid.UUID) -> Words:
    """Return what a plan says to those who hold its key."""
    return hand.read(what, what, Kind.MOVEMENT)


def changed(hand: Hand, what: uuid.UUID) -> None:
    """Carry a change of a plan on: what every team knows is sealed anew with each leg's key.

    A go that was said before is void: it was said of another plan. Raise `NotNow` if somebody has started on it.
    """
    move = edited(hand, what)
    for leg in move.legs.all():
        if not hand.holds(leg.id, Kind.MOVEMENT):
            raise VeilError(
                _("one leg is not yours to change"), _("ask the colleague who wrote that leg to change the plan")
            )
        tell(hand, leg)


def tell(hand: Hand, leg: Leg) -> None:
    """Seal what every team knows with the key of one leg."""
    said = words(hand, leg.move_id).said
    told = {field.name: said[field.name] for field in SHARED if said.get(field.name)}
    version = hand.read(leg.move_id, leg.id, Kind.MOVEMENT).version
    hand.write(leg.move_id, leg.id, Kind.MOVEMENT, told, version)


def edited(hand: Hand, what: uuid.UUID) -> Move:
    """Return a plan that may still be changed, with every go taken back; raise `NotNow` or `NotAllowed`."""
    hand.require("move.plan")
    if not hand.holds(what, Kind.MOVEMENT):
        raise NotAllowed
    move: Move = Move.objects.get(id=what)
    if move.state not in _EDITED:
        raise NotNow
    Move.objects.filter(id=what).update(first_go=None, second_go=None)
    clocks.start(what, move.root, "move")
    return move


def tick(hand: Hand, what: uuid.UUID, true: Iterable[str], seen: Iterable[str] = ()) -> bool:
    """Tick the lines that are `true`, under one's call sign, and take those back that were `seen` ticked and are not.

    A tick that a colleague has set meanwhile stays. Return whether every line is ticked now.
    """
    hand.require("move.go")
    true, seen = set(true), set(seen)
    if not true <= set(CHECKLIST):
        raise NotNow
    move = _held(hand, what)
    if move.state != "planned":
        raise NotNow
    told = words(hand, what)
    before = dict(told.said.get("ticks", {}))
    ticks = {name: by for name, by in before.items() if name in true or name not in seen}
    if ticks != before:  # whoever said go has said it of all that was ticked
        Move.objects.filter(id=what).update(first_go=None, second_go=None)
    ticks |= {name: [str(hand.id), clock.now().isoformat()] for name in sorted(true - before.keys())}
    if ticks != before:
        hand.write(what, what, Kind.MOVEMENT, told.said | {"ticks": ticks}, told.version)
    return set(ticks) == set(CHECKLIST)


def ready(hand: Hand, what: uuid.UUID, turn: int) -> None:
    """Put a draft before the two who say go; it needs a leg with somebody who leads it."""
    hand.require("move.plan")
    move = _held(hand, what)
    if not move.legs.exists():
        raise VeilError(_("there is no leg yet"), _("add at least one leg, and who leads it"))
    step(hand, move, "planned", turn)


def go(hand: Hand, what: uuid.UUID, turn: int) -> Move:
    """Say go. It goes ahead when two different people have said so, with every line of the checklist ticked."""
    hand.require("move.go")
    move = _held(hand, what)
    if move.state != "planned":
        raise NotNow
    if set(words(hand, what).said.get("ticks", {})) != set(CHECKLIST):
        raise VeilError(_("the checklist is not complete"), _("tick what is true; if something is not, it is a no-go"))
    if move.first_go == hand.id:
        raise VeilError(_("you have said go already"), _("a second person has to say it too"))
    if move.first_go is None:
        if not Move.objects.filter(id=what, turn=turn).update(first_go=hand.id, turn=turn + 1):
            raise Changed
        hand.note("go said", what)
        move.refresh_from_db()
        return move
    return step(hand, move, "go", turn, second_go=hand.id)


def no_go(hand: Hand, what: uuid.UUID, turn: int) -> Move:
    """Say that it does not go ahead; one voice is enough."""
    hand.require("move.go")
    return step(hand, _held(hand, what), "no-go", turn, first_go=None, second_go=None)


def again(hand: Hand, what: uuid.UUID, turn: int) -> Move:
    """Go back to the draft, to plan it anew; what was ticked has to be looked at again."""
    hand.require("move.plan")
    move = step(hand, _held(hand, what), "draft", turn, first_go=None, second_go=None)
    told = words(hand, what)
    hand.write(what, what, Kind.MOVEMENT, told.said | {"ticks": {}}, told.version)
    return move


def step(hand: Hand, move: Move, to: str, turn: int, **also: Any) -> Move:
    """Bring a move to another state; raise `NotNow` if it cannot be, `Changed` if a colleague was faster."""
    JOURNEY.check(move.state, to)
    over = to in HOURS
    values = {"state": to, "turn": turn + 1, "destroyed_at": ends(to) if over else None, **also}
    if not Move.objects.filter(id=move.id, state=move.state, turn=turn).update(**values):
        raise Changed
    if over:
        of = [move.id, *Leg.objects.filter(move=move).values_list("id", flat=True)]
        CheckIn.objects.filter(of__in=of, state="waiting").update(state="stopped")
    else:
        clocks.start(move.id, move.root, "move")
    hand.note(f"move: {to}", move.id)
    move.refresh_from_db()
    return move


def ends(state: str) -> datetime:
    """Return when a plan that has come to its end destroys itself."""
    told = World.objects.values_list("settings", flat=True).get().get("move_hours", {})
    return clock.now() + timedelta(hours=int(told.get(state, HOURS[state])))


def _held(hand: Hand, what: uuid.UUID) -> Move:
    if not hand.holds(what, Kind.MOVEMENT):
        raise NotAllowed
    move: Move = Move.objects.get(id=what)
    return move


def _kept(said: dict[str, Any]) -> dict[str, Any]:
    names = {field.name for field in (*MOVE, *SHARED)}
    return as_text({name: value for name, value in said.items() if name in names})


def as_text(said: dict[str, Any]) -> dict[str, Any]:
    """Return words of a form as they are sealed: times as text, nothing that is empty."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in said.items()
        if value not in (None, "")
    }
