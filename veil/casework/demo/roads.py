"""The moves and check-ins of the invented network: one move under way, one that waits for its go, signs of life."""

from datetime import timedelta

from django.utils.translation import gettext as _

from veil.casework.cases import journey
from veil.casework.demo.files import go_on
from veil.casework.demo.stage import Stage, ago
from veil.casework.hand import Hand
from veil.casework.moves import checkins, legs, plans
from veil.casework.moves.checkins import Agreed, set_check_in
from veil.casework.moves.legs import Member
from veil.casework.moves.models import Move
from veil.casework.network.roles import Kind


def _plan(hand: Hand, stage: Stage, case: str, hours: float) -> Move:
    said = {
        "kind": "extraction",
        "earliest": stage.ahead(hours=hours),
        "latest": stage.ahead(hours=hours + 6),
        "no_go": _("a grey car in the yard; the neighbour's lamp is dark"),
        "after_abort": _("everybody home by the way they came; we speak at eight in the morning"),
        "story": _("two cousins on the way to a wedding in Saltmarrow; the third one drives because he does not drink"),
        "go_word": _("The bread is done"),
        "wait_word": _("The dough still rises"),
        "abort_word": _("We are out of flour"),
        "phones": _("only the drivers' phones are on; all others stay at home"),
    }
    return plans.plan(hand, stage.made[case], said)


def _leg(hand: Hand, stage: Stage, move: Move, meet: str, hours: tuple[float, float], team: list[Member]) -> None:
    begins, ends = (stage.ahead(hours=told) for told in hours)
    said = {
        "meet": meet,
        "begins": begins,
        "ends": ends,
        "way": _("the lower road; one checkpoint by day, none at night"),
        "hand_over": _("at the old ferry, to whoever carries the blue umbrella"),
        "known": _("a blue umbrella, closed"),
        "fallback": _("the waiting room, until the first boat"),
    }
    leg = legs.add(hand, move.id, said)
    for member in team:
        legs.join(hand, leg.id, member)


def _ready(hand: Hand, move: Move) -> int:
    plans.ready(hand, move.id, 0)
    for name in plans.CHECKLIST:
        plans.tick(hand, move.id, [name])
    return plans.go(hand, move.id, 1).turn


@ago(hours=20)
def two_plans(stage: Stage) -> None:
    """Two teams for one extraction: one distracts, one brings out; and a plan that one person has said go to."""
    curlew, plover = stage.hands["curlew"], stage.hands["plover"]
    signs = {name: stage.worker(name).call_sign for name in ("plover", "curlew", "heron")}
    move = _plan(curlew, stage, "rowan", -3)
    distracts = [Member(signs["plover"], "distraction", True), Member(_("Baker"), "watcher", False)]
    brings = [Member(signs["curlew"], "extraction", True), Member(_("Miller"), "driver", False)]
    _leg(curlew, stage, move, _("by the third bench under the clock"), (-3, -1.5), distracts)
    _leg(curlew, stage, move, _("at the back door of the bakery"), (-1.5, 0.8), brings)
    stage.made["rowan's move"] = move.id
    turn = _ready(curlew, move)
    plans.go(stage.hands["heron"], move.id, turn)
    other = _plan(plover, stage, "ivory", 26)
    _leg(plover, stage, other, _("in the queue of the post office"), (26, 28), [Member(signs["plover"], "lead", True)])
    _ready(plover, other)


@ago(hours=2, minutes=45)
def they_set_out(stage: Stage) -> None:
    """The first team sets out, and the case is in transit."""
    first = Move.objects.get(id=stage.made["rowan's move"]).legs.get(place=1)
    legs.start(stage.hands["plover"], first.id)
    go_on(stage, "rowan", journey.IN_TRANSIT)


@ago(hours=1, minutes=20)
def the_second_team(stage: Stage) -> None:
    """The first team is done, the second one is on its way and answers within the hour."""
    first, second = Move.objects.get(id=stage.made["rowan's move"]).legs.order_by("place")
    legs.arrive(stage.hands["plover"], first.id)
    legs.start(stage.hands["curlew"], second.id)


def _expect(stage: Stage, who: str, case: str, minutes: float, every_min: int | None = None) -> None:
    said = {
        "calm": _("The soup was good today"),
        "duress": _("I have run out of salt"),
        "how": _("a message; if nothing comes, two short calls to the neighbour's bell"),
        "near": stage.worker("heron").call_sign,
    }
    due, grace = stage.ahead(minutes=minutes), timedelta(minutes=15)
    made = set_check_in(stage.hands[who], stage.made[case], stage.made[case], due, grace, Agreed(said, every_min))
    stage.made[f"{case}'s check-in"] = made.id


@ago(hours=4)
def signs_of_life(stage: Stage) -> None:
    """Who is to be heard of today."""
    _expect(stage, "plover", "flint", -70)
    _expect(stage, "curlew", "thyme", -40)
    _expect(stage, "plover", "fern", 25, 24 * 60)
    _expect(stage, "plover", "cedar", 50, 24 * 60)
    _expect(stage, "curlew", "moss", 200)


@ago(minutes=52)
def nobody_answers(stage: Stage) -> None:
    """The first rung of the ladder is taken in hand; the next ones wait."""
    checkins.see(stage.hands["plover"], stage.made["flint's check-in"], 0)


@ago(minutes=34)
def the_other_sentence(stage: Stage) -> None:
    """Somebody says the sentence that was agreed for danger; whoever enters it sees nothing of what it means."""
    curlew, what = stage.hands["curlew"], stage.made["thyme's check-in"]
    said = curlew.read(what, what, Kind.MOVEMENT).said
    checkins.answer(curlew, what, 0, said["duress"])
