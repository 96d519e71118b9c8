"""Screening and triage: warning signs are weighed by a person, never counted; a suspected trap is shut away."""

import uuid
from typing import Any

from veil.casework.hand import Hand, Words
from veil.casework.keeping import clocks
from veil.casework.network.roles import Kind
from veil.casework.requests import taking
from veil.casework.requests.journey import JOURNEY
from veil.casework.requests.models import Request
from veil.casework.states import NotNow


def part_of(request_id: uuid.UUID, part: str) -> uuid.UUID:
    """Return the id of one sealed part of a request (its screening, its triage …)."""
    return uuid.uuid5(request_id, part)


def read_part(hand: Hand, request_id: uuid.UUID, part: str) -> Words:
    """Return what one part of a request says."""
    return hand.read(part_of(request_id, part), request_id, Kind.FILE)


def screen(hand: Hand, what: uuid.UUID, said: dict[str, Any], version: int | None = None) -> Request:
    """Seal the signs that were seen, the checks that were made and what a person makes of them."""
    hand.require("request.screen")
    request = taking.mine(hand, what)
    if request.state not in {"new", "screened"}:
        raise NotNow
    hand.write(part_of(what, "screening"), what, Kind.FILE, said, version)
    request.state = "screened"
    request.screened_by = hand.id
    request.save()
    hand.note("request screened", what)
    return request


def triage(hand: Hand, what: uuid.UUID, said: dict[str, Any], version: int | None = None) -> Request:
    """Seal how soon it matters and what can be done."""
    hand.require("request.screen")
    request = taking.mine(hand, what)
    if request.state != "triaged":
        JOURNEY.check(request.state, "triaged")
    hand.write(part_of(what, "triage"), what, Kind.FILE, said, version)
    request.state = "triaged"
    request.save()
    hand.note("request triaged", what)
    return request


def suspect(hand: Hand, what: uuid.UUID, said: dict[str, Any]) -> None:
    """Shut a request away as a suspected trap: from here on only coordinators read it, and its clock runs faster."""
    hand.require("request.trap")
    request = taking.mine(hand, what)
    JOURNEY.check(request.state, "suspected trap")
    hand.write(part_of(what, "trap"), what, Kind.FILE, said)
    Request.objects.filter(id=what).update(
        state="suspected trap", before="", call_due=None, taken_by=None, in_hand_of=None
    )
    clocks.start(what, what, "suspected trap")
    hand.note("trap suspected", what)
    taking.shut(hand, request)


def clear(hand: Hand, what: uuid.UUID) -> Request:
    """Take the suspicion back: the request begins anew, with the coordinator who cleared it."""
    hand.require("request.clear trap")
    request = taking.asked(hand, what, alone=True)
    if request.state != "suspected trap":
        raise NotNow
    request.state, request.taken_by, request.screened_by = "new", hand.id, None
    request.in_hand_of = hand.id
    request.save()
    clocks.start(what, what, "request")
    hand.note("suspicion taken back", what)
    return request
