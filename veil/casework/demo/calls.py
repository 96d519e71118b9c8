"""The requests of the invented network: eight, in every state between the first word and an answer."""

import uuid
from typing import Any

from django.utils.translation import gettext as _

from veil.casework.demo.stage import Stage, ago
from veil.casework.requests import answers, entry, inbox, intake, receipts, screening, taking
from veil.casework.requests.fields import CHECKS, SIGNS


def _call(stage: Stage, name: str, who: str, happened: str, **more: Any) -> uuid.UUID:
    hand = stage.hands[who]
    said = {
        "talk": _("in the yard, can write but not speak"),
        "safe": _("messages after ten in the evening"),
        "ours": _("Is the ferry late?"),
        "theirs": _("Only on Sundays"),
        "stop": _("bread"),
        "role": "self",
        "happened": happened,
        "needs": ["bed"],
        "threat": "family",
        "language": "other",
    }
    request = entry.enter(hand, said | more)
    contact = {"where": _("the borrowed phone, first slot of the card"), "care": _("the brother sees the screen")}
    entry.save_contact(hand, request, contact, 0)
    stage.made[name] = request.id
    return request.id


def _screen(stage: Stage, who: str, what: uuid.UUID, **seen: str) -> None:
    said = {f"sign_{name}": "no" for name, _label in SIGNS} | {f"check_{name}": "unclear" for name, _label in CHECKS}
    said |= {"check_again": "fits", "check_alone": "fits", "weighed": _("frightened, not rehearsed; go on")} | seen
    screening.screen(stage.hands[who], what, said)


def _triage(stage: Stage, who: str, what: uuid.UUID) -> None:
    said = {
        "urgency": "days",
        "why": _("the uncle comes back on Friday"),
        "possible": _("a bed for two weeks; no papers before the end of the month"),
    }
    screening.triage(stage.hands[who], what, said)


@ago(days=8)
def the_form_opens(stage: Stage) -> None:
    """The coordinator opens the public form."""
    intake.open_form(stage.hands["heron"])


@ago(days=3, hours=6)
def answered(stage: Stage) -> None:
    """One was sent on to lawyers, one could not be helped."""
    sent = _call(
        stage, "sent on", "robin", _("A sister was taken to the station and came back silent."), role="relative"
    )
    _screen(stage, "robin", sent)
    told = {"kind": "lawyers", "told": _("the summons, without names; they call back themselves")}
    answers.refer(stage.hands["robin"], sent, told)
    no = _call(stage, "declined", "robin", _("Asks for a loan for a shop."), needs=["money"], threat="unknown")
    offered = {"reason": "outside", "offered": _("the address book of the invented chamber of trade")}
    answers.decline(stage.hands["robin"], no, offered)


@ago(days=2, hours=2)
def silence(stage: Stage) -> None:
    """Three calls that nobody answered: contact is lost."""
    lost = _call(stage, "silent", "wren", _("Hides at a friend's; the friend wants him gone."))
    for _time in range(3):
        entry.add_note(stage.hands["wren"], lost, {"call": "missed", "said": ""}, None)


@ago(days=1, hours=5)
def a_trap(stage: Stage) -> None:
    """Somebody who asks for addresses: shut away, and only coordinators read on."""
    told = _call(stage, "trap", "robin", _("Wants to bring three friends, and asks which house they would come to."))
    why = _("asked for the house four times; the story stood in the Quillhaven Courier word for word")
    screening.suspect(stage.hands["robin"], told, {"why": why})


@ago(hours=22)
def a_second_look(stage: Stage) -> None:
    """Screened and triaged: a coordinator looks a second time; and one that becomes a case."""
    told = _call(stage, "second look", "wren", _("Must be out before a cousin comes home from the army."))
    _screen(stage, "wren", told)
    _triage(stage, "wren", told)
    case = _call(stage, "accepted", "wren", _("Slept in a boat shed for three nights; it is getting cold."))
    _screen(stage, "wren", case)
    _triage(stage, "wren", case)
    worker = stage.hands["plover"].id
    chosen = ("happened", "safe", "ours", "theirs", "threat", "contact")
    stage.made["harbour"] = answers.accept(stage.hands["heron"], case, worker, chosen)


@ago(hours=5)
def waiting(stage: Stage) -> None:
    """One that is screened, and one that waits for a call."""
    told = _call(stage, "screened", "robin", _("The father has found the second phone."), danger=False)
    _screen(stage, "robin", told)
    call = _call(stage, "call", "wren", _("A teacher; somebody sent the headmaster an old letter."), threat="blackmail")
    entry.add_note(
        stage.hands["wren"], call, {"call": "talked", "said": _("wants to think it over until tonight")}, 360
    )


@ago(minutes=50)
def from_outside(stage: Stage) -> None:
    """Words through the public form, sealed as they came."""
    box = receipts.mailbox_of(receipts.new_seed())
    words = {"happened": _("I do not know if this is the right place. My aunt said you help."), "role": "friend"}
    inbox.leave(inbox.Letter(words, box.name, box.public.hex(), False, stage.language, inbox.today().isoformat()))
    intake.take_in(stage.hands["wren"])


@ago(minutes=9)
def in_danger_now(stage: Stage) -> None:
    """Somebody in danger whom nobody calls yet: the operator had to break off and gave it back."""
    said = _("Footsteps on the stairs; whispers.")
    told = _call(stage, "danger", "wren", said, danger=True, talk=_("in the bathroom, can only write"))
    taking.give_back(stage.hands["wren"], told)
