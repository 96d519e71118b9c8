"""The answer to a request: accepted into a case, referred, or declined; then the request itself goes."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from veil.casework import policy
from veil.casework.cases.opening import open_case
from veil.casework.fields import Field
from veil.casework.hand import Hand
from veil.casework.keeping import clocks, purge
from veil.casework.network import chiefs
from veil.casework.network.models import Worker, World
from veil.casework.network.roles import Kind
from veil.casework.requests import fields, taking
from veil.casework.requests.journey import JOURNEY
from veil.casework.requests.models import Request
from veil.casework.requests.screening import part_of, read_part
from veil.errors import VeilError


class SecondLook(VeilError):
    """Whoever screened a request does not accept it alone."""

    def __init__(self) -> None:
        super().__init__(
            _("you screened this request yourself"),
            _("somebody else has to look at it before it is accepted: ask another coordinator"),
        )


def needs_second(request: Request, hand: Hand) -> bool:
    """Tell whether another person than this one must accept; a network of one or two may switch the rule off."""
    told = World.objects.values_list("settings", flat=True).get()
    return bool(told.get("second look", 1)) and request.screened_by == hand.id


def case_workers() -> list[Worker]:
    """Return who may be given a case."""
    return list(chiefs.may_take_cases())


def accept(hand: Hand, what: uuid.UUID, worker_id: uuid.UUID, chosen: Iterable[str]) -> uuid.UUID:
    """Open a case with the chosen words for a case worker, purge the request, return the case's id."""
    hand.require("request.accept")
    request = taking.asked(hand, what, alone=True)
    JOURNEY.check(request.state, "accepted")
    if needs_second(request, hand):
        raise SecondLook
    worker = next((one for one in case_workers() if one.id == worker_id), None)
    if worker is None:
        raise policy.NotAllowed
    carried = _carried(hand, request, set(chosen))
    me = Worker.objects.get(id=hand.id)
    case: uuid.UUID = open_case(hand, what, [worker, me], carried=carried, priority=_priority(hand, request)).id
    hand.note("request accepted", what)
    purge.purge(hand, what)
    return case


def refer(hand: Hand, what: uuid.UUID, said: dict[str, Any]) -> None:
    """Note to what kind of organisation somebody was sent, and what that was told."""
    _close(hand, what, "referred", said, "referral")


def decline(hand: Hand, what: uuid.UUID, said: dict[str, Any]) -> None:
    """Note why we cannot help, and what was offered instead; its clock runs faster from now."""
    _close(hand, what, "declined", said, "decline")


def keep(hand: Hand, what: uuid.UUID) -> None:
    """Start the retention clock of a request anew."""
    hand.require("request.change")
    request = taking.mine(hand, what)
    clocks.start(what, what, _thing(request.state))
    hand.note("request kept on", what)


def purge_answered(hand: Hand, what: uuid.UUID) -> None:
    """Purge a request that has had its answer, or whose contact is lost."""
    hand.require("request.answer")
    JOURNEY.check(taking.mine(hand, what).state, "purged")
    purge.purge(hand, what)


def _close(hand: Hand, what: uuid.UUID, to: str, said: dict[str, Any], part: str) -> None:
    hand.require("request.answer")
    request = taking.mine(hand, what)
    JOURNEY.check(request.state, to)
    hand.write(part_of(what, part), what, Kind.FILE, said)
    request.state, request.call_due, request.before = to, None, ""
    request.save()
    clocks.start(what, what, _thing(to))
    hand.note(f"request {to}", what)


def _thing(state: str) -> str:
    return {"declined": "declined request", "suspected trap": "suspected trap"}.get(state, "request")


def _priority(hand: Hand, request: Request) -> str:
    """Return how urgent a case begins: danger does not end with the request."""
    said = read_part(hand, request.id, "triage").said.get("urgency")
    return "emergency" if request.danger or said == "tonight" else "urgent" if said == "days" else "normal"


def _carried(hand: Hand, request: Request, chosen: set[str]) -> dict[str, Any]:
    """Return the chosen words under the names of a case's fields; lists and choices become plain sentences."""
    said = hand.read(request.id, request.id, Kind.FILE).said
    told = {name: value for name, value in said.items() if name in chosen and name in fields.CARRIED and value}
    carried: dict[str, Any] = {}
    if "safe" in told:
        carried["safe_times"] = told.pop("safe")
    if "ours" in told or "theirs" in told:
        carried["phrase"] = f"{told.pop('ours', '…')} — {told.pop('theirs', '…')}"
    threat = told.pop("threat", None)
    if threat in {"family", "state", "blackmail", "both"}:
        carried["threats"] = ["family", "state"] if threat == "both" else [threat]
    if "contact" in chosen and hand.holds(request.contact, Kind.FILE):
        contact = hand.read(request.contact, request.contact, Kind.FILE).said
        carried["reach"] = "\n".join(str(part) for part in (contact.get("where"), contact.get("care")) if part)
    lines = [f"{field.label}: {_plain(field, told[field.name])}" for field in fields.REQUEST if field.name in told]
    if lines:
        carried["told"] = "\n\n".join(lines)
    return carried


def _plain(field: Field, value: Any) -> str:
    names = {name: str(label) for name, label in field.choices}
    values = value if isinstance(value, list) else [value]
    return ", ".join(names.get(str(one), str(one)) for one in values)
