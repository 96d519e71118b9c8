"""Legs: one stretch of a move each, with a key of its own that only its team holds."""

import uuid
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veil.casework import clock
from veil.casework.cases import following
from veil.casework.hand import Changed, Hand, Words
from veil.casework.moves import plans
from veil.casework.moves.checkins import Agreed, renewed, set_check_in
from veil.casework.moves.fields import LEG, PARTS, SHARED
from veil.casework.moves.models import CheckIn, Leg, Move
from veil.casework.network.models import Worker, Wrap
from veil.casework.network.roles import Kind
from veil.casework.policy import NotAllowed, may_hold
from veil.casework.states import Journey, NotNow
from veil.casework.times import instant
from veil.errors import VeilError

JOURNEY = Journey("waiting", {"waiting": frozenset({"under way"}), "under way": frozenset({"arrived", "aborted"})})
STATES = {
    "waiting": gettext_lazy("waiting"),
    "under way": gettext_lazy("under way"),
    "arrived": gettext_lazy("arrived"),
    "aborted": gettext_lazy("broken off"),
}
_MOST_LEGS = 12
_MOST_IN_TEAM = 12


@dataclass(frozen=True)
class Member:
    """Somebody in a team, under a call sign: a worker of the network, or a helper outside, who gets no key."""

    sign: str
    part: str
    inside: bool
    worker: str = ""


@dataclass(frozen=True)
class Sheet:
    """All that a team sees of its move: its own leg, what every team knows, and the state of the whole."""

    leg: Leg
    own: dict[str, Any]
    shared: dict[str, Any]
    team: tuple[Member, ...]
    version: int


def add(hand: Hand, move_id: uuid.UUID, said: dict[str, Any]) -> Leg:
    """Add a leg at the end of a plan, with a key that only this worker holds until somebody joins its team."""
    move = plans.edited(hand, move_id)
    count = move.legs.count()
    if count >= _MOST_LEGS:
        raise VeilError(_("that are too many legs for one move"), _("make it two moves, with a rest between them"))
    leg: Leg = Leg.objects.create(root=move.root, move=move, place=count + 1, state=JOURNEY.first)
    hand.make(move.root, leg.id, Kind.MOVEMENT, Worker.objects.filter(id=hand.id))
    hand.write(leg.id, leg.id, Kind.MOVEMENT, _kept(said) | {"team": []}, 0)
    plans.tell(hand, leg)
    hand.note("leg added", leg.id)
    return leg


def sheet(hand: Hand, what: uuid.UUID) -> Sheet:
    """Return what the team of a leg sees; it is read with the leg's key alone. Raise `NotAllowed` without it."""
    told = hand.read(what, what, Kind.MOVEMENT)
    leg = Leg.objects.select_related("move").get(id=what)
    shared = hand.read(leg.move_id, what, Kind.MOVEMENT).said
    own = {field.name: told.said[field.name] for field in LEG if told.said.get(field.name)}
    common = {field.name: shared[field.name] for field in SHARED if shared.get(field.name)}
    return Sheet(leg, own, common, _team(told), told.version)


def changed(hand: Hand, what: uuid.UUID) -> None:
    """Take back every go that was said before a leg was changed; raise `NotNow` if somebody has started."""
    plans.edited(hand, Leg.objects.get(id=what).move_id)


def join(hand: Hand, what: uuid.UUID, member: Member) -> None:
    """Put somebody in a leg's team; a worker of the network gets the leg's key, a helper outside gets none."""
    told = hand.read(what, what, Kind.MOVEMENT)
    team = list(_team(told))
    sign = member.sign.strip()
    if not sign or member.part not in dict(PARTS) or len(team) >= _MOST_IN_TEAM:
        raise VeilError(_("this cannot be added to the team"), _("give a call sign and a part"))
    if any(other.sign.casefold() == sign.casefold() for other in team):
        raise VeilError(_("this call sign is in the team already"), _("remove it first to give it another part"))
    who = ""
    if member.inside:
        worker = Worker.objects.filter(call_sign__iexact=sign, ended=None).first()
        if worker is None or not may_hold(worker.role, Kind.MOVEMENT):
            raise VeilError(
                _("no worker of that call sign can take a leg"),
                _("check the call sign, or add them as a helper from outside"),
            )
        sign, who = worker.call_sign, str(worker.id)
    plans.edited(hand, Leg.objects.get(id=what).move_id)  # now, not before: what was refused takes no go back
    if who and who != str(hand.id):
        hand.share(what, Kind.MOVEMENT, Worker.objects.get(id=who))
    team.append(Member(sign, member.part, member.inside, who))
    hand.write(what, what, Kind.MOVEMENT, told.said | {"team": [asdict(one) for one in team]}, told.version)


def part(hand: Hand, what: uuid.UUID, sign: str) -> None:
    """Take somebody out of a leg's team, with their key."""
    leg = Leg.objects.get(id=what)
    plans.edited(hand, leg.move_id)
    told = hand.read(what, what, Kind.MOVEMENT)
    team = [one for one in _team(told) if one.sign != sign]
    gone = [one for one in _team(told) if one.sign == sign]
    for one in gone:
        if one.worker and one.worker != str(hand.id):
            hand.withdraw(what, Kind.MOVEMENT, uuid.UUID(one.worker))
    hand.write(what, what, Kind.MOVEMENT, told.said | {"team": [asdict(one) for one in team]}, told.version)


def leave(hand: Hand, what: uuid.UUID) -> None:
    """Give up one's own key to a leg that one wrote: from then on only its team reads it.

    Raise `VeilError` where nobody would be left to read it.
    """
    plans.edited(hand, Leg.objects.get(id=what).move_id)
    team = {one.worker for one in _team(hand.read(what, what, Kind.MOVEMENT)) if one.worker}
    if not team or str(hand.id) in team:
        raise VeilError(_("nobody could read this leg any more"), _("put somebody else in its team first"))
    hand.withdraw(what, Kind.MOVEMENT, hand.id)


def start(hand: Hand, what: uuid.UUID) -> Leg:
    """Set out on a leg, once the move has its go; a sign of life is expected at its end."""
    leg = _held(hand, what)
    move = leg.move
    earlier = Leg.objects.filter(move=move, place__lt=leg.place).exclude(state="arrived")
    if move.state not in {"go", "under way"} or earlier.exists():
        raise NotNow
    _step(hand, leg, "under way")
    if move.state == "go":
        plans.step(hand, move, "under way", move.turn)
    ends = instant(hand.read(what, what, Kind.MOVEMENT).said.get("ends"))
    if ends is not None and not CheckIn.objects.filter(of=what, state="waiting").exists():
        agreed = renewed(hand, leg.root, Agreed())
        set_check_in(hand, what, leg.root, max(ends, clock.now()), plans.GRACE, agreed)
    following.follow(hand, move.case)
    return leg


def arrive(hand: Hand, what: uuid.UUID) -> Leg:
    """Say that a leg is over; with the last one the whole move has arrived."""
    leg = _held(hand, what)
    _step(hand, leg, "arrived")
    CheckIn.objects.filter(of=what, state="waiting").update(state="stopped")
    if not Leg.objects.filter(move=leg.move).exclude(state="arrived").exists():
        plans.step(hand, leg.move, "arrived", leg.move.turn)
        following.follow(hand, leg.move.case)
    return leg


def abort(hand: Hand, what: uuid.UUID) -> Move:
    """Break the whole move off, from any of its teams; everybody falls back."""
    leg = _held(hand, what)
    if leg.move.state == "under way":
        Leg.objects.filter(move=leg.move, state="under way").update(state="aborted")
    return plans.step(hand, leg.move, "aborted" if leg.move.state == "under way" else "no-go", leg.move.turn)


def held(hand: Hand) -> Any:
    """Return a query of the legs whose key this worker holds."""
    return Leg.objects.filter(id__in=hand.held(Kind.MOVEMENT)).select_related("move").order_by("move", "place")


def holders(what: uuid.UUID) -> list[str]:
    """Return the call signs of those who can read a leg."""
    wraps = Wrap.objects.filter(compartment__owner=what, compartment__kind=Kind.MOVEMENT)
    return sorted(wraps.values_list("holder__call_sign", flat=True))


def _held(hand: Hand, what: uuid.UUID) -> Leg:
    hand.require("move.go")
    if not hand.holds(what, Kind.MOVEMENT):
        raise NotAllowed
    leg: Leg = Leg.objects.select_related("move").get(id=what)
    return leg


def _step(hand: Hand, leg: Leg, to: str) -> None:
    JOURNEY.check(leg.state, to)
    if not Leg.objects.filter(id=leg.id, state=leg.state).update(state=to):
        raise Changed
    leg.state = to
    hand.note(f"leg: {to}", leg.id)


def _team(told: Words) -> tuple[Member, ...]:
    return tuple(Member(**one) for one in told.said.get("team", []))


def _kept(said: dict[str, Any]) -> dict[str, Any]:
    names = {field.name for field in LEG}
    return plans.as_text({name: value for name, value in said.items() if name in names})
