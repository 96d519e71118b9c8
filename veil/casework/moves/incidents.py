"""Incidents: something went wrong; its playbook, who did which step, who was told, and what was learnt."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from veil.casework import clock, naming
from veil.casework.cases.models import Case, Person
from veil.casework.cases.risk import renew_now
from veil.casework.hand import Hand
from veil.casework.houses import stays
from veil.casework.houses.journey import ENDED
from veil.casework.houses.models import House, Stay
from veil.casework.keeping import clocks
from veil.casework.moves import checkins, plans
from veil.casework.moves.models import CheckIn, Done, Incident, Leg, Move
from veil.casework.moves.playbooks import PLAYBOOKS
from veil.casework.network import chiefs
from veil.casework.network.models import Worker, Wrap
from veil.casework.network.roles import Kind
from veil.casework.policy import NotAllowed, may_hold
from veil.casework.requests.models import Request
from veil.casework.states import Journey, NotNow

JOURNEY = Journey("open", {"open": frozenset({"closed"})})


def raise_incident(hand: Hand, kind: str, what: uuid.UUID | None = None) -> Incident:
    """Open the playbook for something that went wrong with a case, a house, a move, a check-in, or the network itself.

    Its words are sealed to the coordinators and to those who hold the movement key of what it is about. Raise
    `NotAllowed` for something that this worker holds no key to. About a duress word, whoever entered it gets no key:
    they may be forced, and their screen stays calm.
    """
    hand.require("incident.raise")
    if kind not in PLAYBOOKS:
        raise NotNow
    id_ = uuid.uuid4()
    root = _root(hand, what) if what else id_
    made: Incident = Incident.objects.create(
        id=id_,
        root=root,
        of=what or id_,
        code=naming.code(),
        kind=kind,
        state=JOURNEY.first,
        since=clock.now(),
        by=hand.id,
    )
    concerned = checkins.holders_of(what, root) if what else set()
    for case in Stay.objects.filter(house_id__in=(what, root)).exclude(state=ENDED).values_list("case", flat=True):
        concerned |= checkins.holders_of(case, case)
    forced = {alarm.entered_by for alarm in checkins.alarms(hand) if alarm.check_in.id == what}
    holders = Worker.objects.filter(Q(id__in=concerned) | chiefs.is_chief() | Q(id=hand.id), ended=None)
    free = [one for one in holders.exclude(id__in=forced) if may_hold(one.role, Kind.MOVEMENT)]
    hand.make(root, id_, Kind.MOVEMENT, free)
    if root == id_:
        clocks.start(id_, id_, "incident")
    hand.note("incident raised", id_)
    return made


def burned(hand: Hand, house_id: uuid.UUID) -> Incident:
    """Open the playbook of a house that burns, or go on in the one that is open: marking the house is done in it.

    The risk of everybody who sleeps there is to be assessed anew: said now, while it is known who they are.
    """
    open_ = Incident.objects.filter(of=house_id, state=JOURNEY.first)
    mine_: Incident | None = mine(hand).filter(of=house_id, state=JOURNEY.first, kind="burned").first()
    one = mine_ or raise_incident(hand, "burned", house_id)
    for other in open_.filter(kind__in=[kind for kind, book in PLAYBOOKS.items() if "burned" in book.names]):
        _done(hand, other, "burned")
    for case in cases_of(one):
        renew_now(hand, case)
    return one


def visible(hand: Hand, what: uuid.UUID) -> Incident:
    """Return an incident that this worker holds the key of, or raised; raise `NotAllowed`."""
    hand.require("incident.see")
    one: Incident | None = mine(hand).filter(id=what).first()
    if one is None:
        raise NotAllowed
    return one


def mine(hand: Hand) -> Any:
    """Return a query of the incidents that this worker has to know of, the newest first."""
    return Incident.objects.filter(Q(id__in=hand.held(Kind.MOVEMENT)) | Q(by=hand.id)).order_by("-since", "id")


def tick(hand: Hand, what: uuid.UUID, step: str) -> None:
    """Note that a step is done, or that a worker was told, under one's call sign; once more takes it back."""
    one = visible(hand, what)
    if one.state != "open":
        raise NotNow
    if step not in PLAYBOOKS[one.kind].names and step not in {str(worker.id) for worker in to_tell(one)}:
        raise NotNow
    if not Done.objects.filter(incident=one, step=step).delete()[0]:
        _done(hand, one, step)
    hand.note("incident: step", what)


def to_tell(one: Incident) -> list[Worker]:
    """Return who must be told: whoever holds a key of a case that this concerns, and the coordinators."""
    roots = {one.root, *cases_of(one)}
    wraps = Wrap.objects.filter(compartment__root__in=roots, holder__ended=None).values_list("holder_id", flat=True)
    told = Worker.objects.filter(Q(id__in=wraps) | chiefs.is_chief(), ended=None)
    return list(told.exclude(id__in=kept_from(one)).distinct().order_by("call_sign"))


def kept_from(one: Incident) -> set[uuid.UUID]:
    """Return whoever must not learn of an incident about a duress word: those who were left without its key."""
    if not CheckIn.objects.filter(id=one.of).exists():
        return set()
    knows = checkins.holders_of(one.of, one.root) | checkins.holders_of(one.root, one.root)
    return knows - checkins.holders_of(one.id, one.id)


def cases_of(one: Incident) -> list[uuid.UUID]:
    """Return the cases that an incident concerns: its own, or those of the people who sleep in its house."""
    if Case.objects.filter(id=one.root).exists():
        return [one.root]
    there = Stay.objects.filter(house_id__in=(one.of, one.root))  # the house, or a check-in of it
    return list(there.exclude(state=ENDED).values_list("case", flat=True).distinct())


def beds(hand: Hand, one: Incident) -> list[tuple[Stay, list[House]]]:
    """Return the stays that this concerns, each with the other houses that have room, to whoever places people."""
    if not hand.may("stay.place"):
        return []
    rows = Stay.objects.filter(case__in=cases_of(one)).exclude(state=ENDED).select_related("house")
    if House.objects.filter(id=one.root).exists():
        rows = rows.filter(house_id=one.root)
    known = [stay for stay in rows if hand.holds(stay.case, Kind.FILE) or hand.holds(stay.id, Kind.FILE)]
    return [(stay, [to for to in stays.free_houses(hand, stay.beds) if to.id != stay.house_id]) for stay in known]


def rehome(hand: Hand, what: uuid.UUID, stay_id: uuid.UUID, house_id: uuid.UUID) -> None:
    """Give those of one stay beds in another house, and tick the step."""
    one = visible(hand, what)
    if one.state != "open" or stay_id not in {stay.id for stay, _houses in beds(hand, one)}:
        raise NotNow
    stays.rehome(hand, stay_id, house_id)
    if any(step.name == "house" for step in PLAYBOOKS[one.kind].steps):
        _done(hand, one, "house")


def tonight(hand: Hand, what: uuid.UUID) -> list[Move]:
    """Plan a move tonight for each case that this concerns and whose key this worker holds; once only."""
    hand.require("move.plan")
    one = visible(hand, what)
    made = []
    for case in cases_of(one) or [one.root]:
        begun = Move.objects.filter(case=case, since__gte=one.since, state__in=("draft", "planned", "go"))
        if hand.holds(case, Kind.MOVEMENT) and not begun.exists():
            made.append(plans.tonight(hand, case, kept_from(one)))
    if made:
        _done(hand, one, "tonight")
    return made


def risk(hand: Hand, what: uuid.UUID) -> int:
    """Let the risk assessments of all whom this concerns be due now; return how many."""
    hand.require("move.plan")
    one = visible(hand, what)
    hand.note("risk due now", what)
    cases = cases_of(one)
    for case in cases:
        renew_now(hand, case)
    return len(cases)


def close(hand: Hand, what: uuid.UUID, learnt: str) -> None:
    """Close an incident with what was learnt, sealed; it is destroyed with its case or house."""
    hand.require("incident.close")
    one = visible(hand, what)
    JOURNEY.check(one.state, "closed")
    words = hand.read(what, what, Kind.MOVEMENT)
    hand.write(what, what, Kind.MOVEMENT, words.said | {"learnt": learnt}, words.version)
    Incident.objects.filter(id=what).update(state="closed")
    hand.note("incident closed", what)


def _done(hand: Hand, one: Incident, step: str) -> None:
    Done.objects.get_or_create(incident=one, step=step, defaults={"root": one.root, "at": clock.now(), "by": hand.id})


def _root(hand: Hand, what: uuid.UUID) -> uuid.UUID:
    """Return what dies as a whole with this thing, if this worker has a key in it or an alarm about it."""
    for model in (Move, Leg, CheckIn, Incident, Case, Person, Stay, House, Request):
        root: uuid.UUID | None = model.objects.filter(id=what).values_list("root", flat=True).first()
        if root is not None and (_keyed(hand, [root, what]) or (model is CheckIn and _seen(hand, what))):
            return root
    if _keyed(hand, [what]):
        return what
    raise NotAllowed


def _seen(hand: Hand, check_in: uuid.UUID) -> bool:
    return checkins.visible(hand, check_in).id == check_in


def _keyed(hand: Hand, ids: Iterable[uuid.UUID]) -> bool:
    mine = Wrap.objects.filter(holder_id=hand.id)
    return bool(mine.filter(Q(compartment__root__in=list(ids)) | Q(compartment__owner__in=list(ids))).exists())
