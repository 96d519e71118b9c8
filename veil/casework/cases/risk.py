"""Risk: threats × vulnerabilities ÷ capacities, as Front Line puts it; renewed in time and on every change."""

import uuid
from datetime import timedelta
from typing import Any

from veil.casework import clock
from veil.casework.cases.models import Case, Risk
from veil.casework.hand import Hand
from veil.casework.network.roles import Kind

RENEW = {
    "emergency": timedelta(days=3),
    "high": timedelta(days=7),
    "moderate": timedelta(days=14),
    "low": timedelta(days=30),
}


def record_of(case_id: uuid.UUID) -> uuid.UUID:
    """Return the id of the last assessment of a case: each new one takes the old one's place."""
    return uuid.uuid5(case_id, "risk")


def level_of(threat: int, vulnerability: int, capacity: int) -> str:
    """Return the level that three answers from 1 to 4 give."""
    weight = threat * vulnerability / capacity
    for level, least in (("emergency", 8), ("high", 4), ("moderate", 1.5)):
        if weight >= least:
            return level
    return "low"


def level_in(said: dict[str, Any]) -> str:
    """Return the level of an assessment: what the worker chose, or else what the answers give."""
    if said.get("level"):
        return str(said["level"])
    return level_of(*(int(said.get(name, 1)) for name in ("threat", "vulnerability", "capacity")))


def assessed(hand: Hand, case_id: uuid.UUID, said: dict[str, Any]) -> None:
    """Note that the risk was assessed now; the next time depends on the level."""
    now = clock.now()
    told = {"root": case_id, "case_id": case_id, "at": now, "by": hand.id}
    Risk.objects.update_or_create(id=record_of(case_id), defaults=told)
    Case.objects.filter(id=case_id).update(risk_due=now + RENEW[level_in(said)])
    hand.note("risk assessed", case_id)


def renew_now(hand: Hand, case_id: uuid.UUID) -> None:
    """Say that something has changed (an incident, a move, a publication): the assessment is due at once."""
    now = clock.now()
    Case.objects.filter(id=case_id, risk_due__gt=now).update(risk_due=now)
    hand.note("risk to be renewed", case_id)


def keep(hand: Hand, case_id: uuid.UUID, name: str) -> Risk:
    """Keep the present assessment under a name; without this, the next one takes its place."""
    last = Risk.objects.get(id=record_of(case_id))
    words = hand.read(last.id, case_id, Kind.FILE)
    kept: Risk = Risk.objects.create(root=case_id, case_id=case_id, at=last.at, by=last.by, kept=True)
    hand.write(kept.id, case_id, Kind.FILE, words.said | {"milestone": name})
    hand.note("risk milestone kept", kept.id)
    return kept
