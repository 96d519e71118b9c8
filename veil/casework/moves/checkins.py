"""Check-ins: a sign of life by a certain hour, in agreed words; whoever enters them is not told what they meant."""

import hmac
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from weakref import WeakKeyDictionary

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from veil.casework import clock, naming
from veil.casework.cases.models import Case
from veil.casework.hand import Changed, Hand
from veil.casework.houses.models import House
from veil.casework.keeping import purge
from veil.casework.moves import keys, ladder
from veil.casework.moves.models import CheckIn, Ladder, Notice, Seen
from veil.casework.network import chiefs
from veil.casework.network.models import Worker, Wrap
from veil.casework.network.roles import Kind, Role
from veil.casework.policy import NotAllowed, may_hold
from veil.casework.states import Journey, NotNow
from veil.errors import VeilError
from veil.vault import seal

JOURNEY = Journey("waiting", {"waiting": frozenset({"answered", "stopped"})})
_QUIET, _DURESS, _TAKEN = b"quiet   ", b"duress  ", b"taken   "
_KEPT = timedelta(days=14)
_opened: WeakKeyDictionary[Hand, dict[bytes, bytes]] = (
    WeakKeyDictionary()
)  # boxes a worker has open, gone with the hand


@dataclass(frozen=True)
class Agreed:
    """What was agreed for a check-in: its words, and every how many minutes it is repeated (None: once)."""

    said: dict[str, str] = field(default_factory=dict)
    every_min: int | None = None


@dataclass(frozen=True)
class Alarm:
    """A duress word was heard by a colleague; whoever took it in hand (None: nobody yet)."""

    check_in: CheckIn
    at: datetime
    entered_by: uuid.UUID  # who may be forced, and must not learn of it
    taken_by: uuid.UUID | None


def set_check_in(
    hand: Hand, of: uuid.UUID, root: uuid.UUID, due: datetime, grace: timedelta, agreed: Agreed | None = None
) -> CheckIn:
    """Expect a sign of life of a case, a move, a leg, a stay or a house, and return it.

    It is sealed to those who hold the key of what it is of, and to whoever sets it; that of a house to its host and its
    one coordinator, who alone sets it. Without words of its own it takes those last agreed for the same case or house.
    """
    hand.require("check-in.set")
    kind = keys.kind_of(root)
    if kind == Kind.HOUSE and not hand.holds(root, kind):
        raise NotAllowed
    agreed = agreed or Agreed(_last_agreed(hand, root))
    if agreed.every_min is not None and agreed.every_min < 5:
        raise VeilError(_("that is too often"), _("leave at least five minutes between two check-ins"))
    said = _sealed(agreed.said)  # refused words are refused before anything is written
    holders = holders_of(of, root) | {hand.id}
    own = Ladder.objects.filter(root=root).values_list("steps", flat=True).first()
    made: CheckIn = CheckIn.objects.create(
        root=root,
        of=of,
        code=naming.code(),
        first_due=due,
        due=due,
        grace=max(grace, timedelta(0)),
        every_min=agreed.every_min,
        steps=[list(step) for step in (own or ladder.USUAL)],
        state=JOURNEY.first,
    )
    hand.make(root, made.id, kind, Worker.objects.filter(id__in=holders))
    hand.write(made.id, made.id, kind, said, 0)
    hand.note("check-in set", made.id)
    return made


def holders_of(of: uuid.UUID, root: uuid.UUID) -> set[uuid.UUID]:
    """Return the workers who hold the movement key of a thing, or of its case where it has none.

    Of a house, and of its check-ins: those who hold the house's own key.
    """
    kind = keys.kind_of(root)
    for owner in (of, root):
        wraps = Wrap.objects.filter(compartment__owner=owner, compartment__kind=kind, holder__ended=None)
        held = [worker for worker in wraps.select_related("holder") if may_hold(worker.holder.role, kind)]
        if held:
            return {wrap.holder_id for wrap in held}
    return set()


def mine(hand: Hand, until: datetime | None = None) -> list[CheckIn]:
    """Return the check-ins that this worker waits for, up to an hour if one is told, the most pressing first."""
    held = CheckIn.objects.filter(keys.mine(hand), state="waiting")
    held = held if until is None else held.filter(due__lte=until)
    return list(held.order_by("due", "id").prefetch_related("seen"))


def of_house(hand: Hand, house: uuid.UUID) -> list[CheckIn]:
    """Return the check-ins of a house that this worker waits for, or has to answer."""
    held = CheckIn.objects.filter(keys.mine(hand), root=house, of=house, state="waiting")
    return list(held.order_by("due", "id").prefetch_related("seen"))


def raised(hand: Hand, now: datetime) -> list[CheckIn]:
    """Return the missed check-ins of others that have come to the rung of the coordinators, for a coordinator."""
    if hand.role != Role.COORDINATOR:
        return []
    late = CheckIn.objects.filter(state="waiting", due__lte=now).exclude(keys.mine(hand))
    found = late.order_by("due").prefetch_related("seen")
    return [one for one in found if ladder.reaches(watch(one), now, "coordinator")]


def visible(hand: Hand, what: uuid.UUID) -> CheckIn:
    """Return a check-in that this worker has the key of, or an alarm about; raise `NotAllowed`."""
    one: CheckIn | None = CheckIn.objects.filter(id=what).first()
    if one is None:
        raise NotAllowed
    if keys.held(hand, what) or one in raised(hand, clock.now()):
        return one
    if any(alarm.check_in == one for alarm in alarms(hand)):
        return one
    raise NotAllowed


def watch(one: CheckIn) -> ladder.Watch:
    """Return what the ladder looks at."""
    seen = frozenset(row.rung for row in one.seen.all() if row.turn == one.turn)
    steps = tuple((int(minutes), str(step)) for minutes, step in one.steps)
    return ladder.Watch(one.due, one.grace, steps, one.state == "waiting", seen)


def phrases(hand: Hand, one: CheckIn) -> list[tuple[str, str]]:
    """Return the sentences to choose from, each under a random name, in the order of the alphabet."""
    said = hand.read(one.id, one.id, keys.key(hand, one.id)).said
    return [(name, text) for name, text in said.get("phrases", [])]


def answer(hand: Hand, what: uuid.UUID, turn: int, heard: str) -> CheckIn:
    """Enter which sentence was heard. The answer is the same for each of them, and so is what is written.

    What it meant is sealed to the others who hold the key and to the coordinators, never to the one who enters it.
    Raise `Changed` if a colleague has answered meanwhile.
    """
    hand.require("check-in.answer")
    said = hand.read(what, what, keys.key(hand, what)).said
    one = CheckIn.objects.get(id=what)
    now = clock.now()
    names = [name for name, _text in said.get("phrases", [])]
    if heard not in names:
        raise NotNow
    # any sentence but the calm one is danger: also one that nobody agreed
    calm = hmac.compare_digest(heard.encode(), str(said.get("meant", "")).encode())
    due = _next_due(one, now)
    state = "waiting" if due else "answered"
    changed = CheckIn.objects.filter(id=what, turn=turn, state="waiting").update(
        due=due or one.due, state=state, turn=turn + 1, last=now, by=hand.id
    )
    if not changed:
        raise Changed
    _tell(hand, one, _QUIET if calm else _DURESS, now)
    hand.note("check-in answered", what)
    one.refresh_from_db()
    return one


def unheard(hand: Hand, what: uuid.UUID, turn: int) -> None:
    """Enter that somebody answered without the agreed words: it counts as missed from now on, without any grace."""
    hand.require("check-in.answer")
    keys.key(hand, what)
    one = CheckIn.objects.get(id=what)
    due = min(one.due, clock.now())
    grace = min(one.grace, max(clock.now() - due, timedelta(0)))
    if not CheckIn.objects.filter(id=what, turn=turn, state="waiting").update(due=due, grace=grace):
        raise Changed
    hand.note("check-in not heard", what)


def see(hand: Hand, what: uuid.UUID, rung: int) -> None:
    """Take a rung in hand, under one's call sign; a second one who presses changes nothing."""
    one = visible(hand, what)
    told = ladder.rungs(watch(one), clock.now())
    if not 0 <= rung < len(told) or not told[rung].reached:
        raise NotNow
    try:
        with transaction.atomic(using=hand.store):
            Seen.objects.create(root=one.root, check_in=one, turn=one.turn, rung=rung, at=clock.now(), by=hand.id)
    except IntegrityError:
        return
    hand.note("rung taken", what)


def stop(hand: Hand, what: uuid.UUID) -> None:
    """Expect no more signs of life here."""
    hand.require("check-in.set")
    keys.key(hand, what)
    one = CheckIn.objects.get(id=what)
    JOURNEY.check(one.state, "stopped")
    CheckIn.objects.filter(id=what).update(state="stopped", turn=one.turn + 1)
    hand.note("check-in stopped", what)


def end_of_house(hand: Hand, house: uuid.UUID) -> None:
    """Expect no more signs of life from a house that nobody is in; their words are destroyed."""
    theirs = CheckIn.objects.filter(root=house, of=house)
    theirs.filter(state="waiting").update(state="stopped", turn=F("turn") + 1)
    for what in theirs.values_list("id", flat=True):
        purge.destroy_kinds(hand, what, [Kind.HOUSE])


def set_ladder(hand: Hand, root: uuid.UUID, steps: ladder.Steps) -> None:
    """Give a case or a house a ladder of its own, for the check-ins that wait as well as those to come."""
    hand.require("ladder.set")
    if not hand.holds(root, keys.kind_of(root)):
        raise NotAllowed
    told = [list(step) for step in ladder.checked(steps)]
    Ladder.objects.update_or_create(root=root, defaults={"steps": told})
    CheckIn.objects.filter(root=root, state="waiting").exclude(due__lte=clock.now()).update(steps=told)
    hand.note("ladder set", root)


def alarms(hand: Hand) -> list[Alarm]:
    """Return the duress words that colleagues heard, as sealed to this worker."""
    told = []
    opened = _opened.setdefault(hand, {})
    for notice in Notice.objects.filter(to=hand.id).select_related("check_in").order_by("at"):
        box = bytes(notice.box)
        content = opened.get(box) or opened.setdefault(box, hand.unseal(box))
        if content[:8] == _QUIET:
            continue
        taken = uuid.UUID(bytes=content[24:40]) if content[:8] == _TAKEN else None
        told.append(Alarm(notice.check_in, notice.at, uuid.UUID(bytes=content[8:24]), taken))
    return told


def take(hand: Hand, what: uuid.UUID) -> None:
    """Take the alarm about a duress word in hand, and let the others who know of it see who did."""
    for alarm in alarms(hand):
        if alarm.check_in.id != what or alarm.taken_by is not None:
            continue
        rows = Notice.objects.filter(check_in_id=what, at=alarm.at)
        publics = dict(Worker.objects.filter(id__in=[row.to for row in rows]).values_list("id", "public"))
        for row in rows:
            row.box = seal.wrapped(_TAKEN + alarm.entered_by.bytes + hand.id.bytes, bytes(publics[row.to]))
            row.save(update_fields=["box"])
    # nothing of it in the audit: whoever forced the one that entered it can read there who did what to which id


def handed_over(hand: Hand, root: uuid.UUID, giver: uuid.UUID, taker: Worker) -> None:
    """Tell who takes a case over what its answers meant, as far as this worker was told; whoever gave it no more.

    Each notice that there is goes the same way, whatever it says, and none to whoever entered the answer.
    """
    told = Notice.objects.filter(root=root)
    known = set(told.filter(to=taker.id).values_list("check_in", "at"))
    for notice in list(told.filter(to=hand.id)):
        content = hand.unseal(bytes(notice.box))
        if (notice.check_in_id, notice.at) in known or uuid.UUID(bytes=content[8:24]) == taker.id:
            continue
        box = seal.wrapped(content, bytes(taker.public))
        Notice.objects.create(root=root, check_in_id=notice.check_in_id, to=taker.id, at=notice.at, box=box)
    if not chiefs.agreed(giver):  # coordinators are told of every one
        told.filter(to=giver).delete()


def call_signs(one: CheckIn, but: Iterable[uuid.UUID]) -> list[str]:
    """Return who holds the key of a check-in `but` some: those with whom to agree what to do."""
    told = Worker.objects.filter(id__in=holders_of(one.id, one.root) - set(but)).exclude(role=Role.HOST)
    return sorted(told.values_list("call_sign", flat=True))


def renewed(hand: Hand, root: uuid.UUID, agreed: Agreed) -> Agreed:
    """Return an agreement filled up with the sentences last agreed for the same case."""
    told = {name: words for name, words in agreed.said.items() if words}
    return Agreed(_last_agreed(hand, root) | told, agreed.every_min)


def codes(hand: Hand, rows: Iterable[Any]) -> dict[uuid.UUID, str]:
    """Return by its id under which code each row goes: its case's or house's for those with a key of it, or its own."""
    told = list(rows)
    if not told:
        return {}
    held = hand.held_of({row.root for row in told}, Kind.FILE, Kind.MOVEMENT, Kind.HOUSE)
    known: dict[uuid.UUID, str] = {}
    for model, kind in ((Case, Kind.MOVEMENT), (House, Kind.HOUSE)):
        mine = (held[Kind.FILE] | held[kind]) - known.keys()
        known |= dict(model.objects.filter(id__in=mine).values_list("id", "code")) if mine else {}
    return {row.id: known.get(row.root, row.code) for row in told}


def _tell(hand: Hand, one: CheckIn, meaning: bytes, now: datetime) -> None:
    Notice.objects.filter(check_in=one, at__lt=now - _KEPT).delete()
    # a host is whom the house's sentences are about: their screen stays calm, whoever heard what
    keys_to_it = Wrap.objects.filter(compartment__owner=one.id).values("holder")
    holders = Q(id__in=keys_to_it) & ~Q(role=Role.HOST) | chiefs.is_chief()
    for worker in Worker.objects.filter(holders, ended=None).exclude(id=hand.id).order_by("id"):
        box = seal.wrapped(meaning + hand.id.bytes + bytes(16), bytes(worker.public))
        Notice.objects.create(root=one.root, check_in=one, to=worker.id, at=now, box=box)


def _next_due(one: CheckIn, now: datetime) -> datetime | None:
    if one.every_min is None:
        return None
    # answered early: the one that was answered is not expected once more
    return ladder.following(one.first_due, one.every_min, max(now, one.due), timezone.get_current_timezone())


def _sealed(said: dict[str, str]) -> dict[str, object]:
    """Return the words as they are kept: the sentences in order of the alphabet among others, under random names."""
    calm, duress = (_plain(said.get(name, "")) for name in ("calm", "duress"))
    if bool(calm) != bool(duress) or (calm and calm.casefold() == duress.casefold()):
        raise VeilError(
            _("two different sentences are needed"),
            _("agree on one that says all is well, and on one for when somebody stands next to them"),
        )
    kept: dict[str, object] = {"how": said.get("how", ""), "near": said.get("near", "")}
    texts = [calm, duress, *_others({calm, duress})] if calm else [_plain(_("they said that they are well"))]
    named = [(secrets.token_hex(6), text) for text in texts]
    kept["meant"], kept["duress"] = named[0][0], named[1][0] if calm else ""
    return kept | {"phrases": sorted(map(list, named), key=lambda pair: pair[1].casefold()), "agreed": bool(calm)}


def _plain(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return text[:1].upper() + text[1:]


def _others(agreed: set[str]) -> list[str]:
    """Return everyday sentences to stand beside those agreed: the same ones each time, or the odd ones would be out.

    Which of the two agreed ones is which does not change them.
    """
    everyday = [
        _("I have had supper already"),
        _("The bus was late again"),
        _("It has been raining all day"),
        _("I will ring my aunt tomorrow"),
        _("The soup was too salty"),
        _("I slept badly, but never mind"),
    ]
    free = [_plain(text) for text in everyday if _plain(text).casefold() not in {one.casefold() for one in agreed}]
    seed = blake2b("\n".join(sorted(agreed)).encode(), digest_size=8).digest()
    first = int.from_bytes(seed, "big")
    return [free[first % len(free)], free[(first + 1 + first // 7 % (len(free) - 1)) % len(free)]]


def _last_agreed(hand: Hand, root: uuid.UUID) -> dict[str, str]:
    held = CheckIn.objects.filter(keys.mine(hand), root=root).order_by("-first_due")
    for one in held[:20]:
        said = hand.read(one.id, one.id, keys.key(hand, one.id)).said
        if said.get("agreed"):
            texts = dict(said["phrases"])
            calm, duress = texts[said["meant"]], texts[said["duress"]]
            return {"calm": calm, "duress": duress, "how": said["how"], "near": said["near"]}
    return {}
