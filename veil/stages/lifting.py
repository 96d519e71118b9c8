"""The veil lifts: key frames at which somebody becomes themselves, and the consent without which nobody does.

A consent is a file beside the plan. It says who decided, when, what was explained, for whom in which film, at which
times and until when; where any of that is missing, over or withdrawn, the plan is refused and the person stays
disguised.
"""

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from veil.disguise import lent
from veil.errors import VeilError
from veil.nouns.cast import Track
from veil.nouns.plan import Plan, Role
from veil.nouns.report import LIFTED, Attack
from veil.nouns.time import Instant, Span, clock, parse_clock
from veil.stages.case import Case

_LEAST_DIGITS = 16
_KEYS = {"person", "film", "decided_by", "decided_on", "explained", "times", "until", "withdrawn"}
_FORM = (
    'person = "{}", film = "..." (how the mark of them in it begins), decided_by = "...", decided_on = 2026-11-01, '
    'explained = ["..."], times = ["0:01:02 - 0:01:32"], until = 2027-11-01'
)
_HINT = 'write it like lift = [["0:01:02", 100], ["0:01:04", 0]]: a time, and percent of the disguise'
_STAYS = "ask them again and write a new consent, or take `lift` out of the plan: they stay disguised"


def read_lift(told: Any, who: str) -> tuple[tuple[Instant, float], ...]:
    """Return key frames of the disguise's opacity, 0 to 1; raise VeilError when they are not as they must be."""
    if not isinstance(told, list):
        raise VeilError(f"`lift` of {who} is not a list", _HINT)
    frames = [_key_frame(pair, who) for pair in told]
    times = [at for at, _ in frames]
    if times != sorted(set(times)):
        raise VeilError(f"the key frames of `lift` of {who} are not in order of time", "sort them by time, each once")
    if frames and frames[0][1] != 1:
        raise VeilError(
            f"`lift` of {who} starts below 100", "start it at 100 percent: the disguise is whole until then"
        )
    if frames and all(opacity == 1 for _, opacity in frames):
        raise VeilError(f"`lift` of {who} never lifts anything", "take it out, or let a key frame go below 100")
    return tuple(frames)


def _key_frame(pair: Any, who: str) -> tuple[Instant, float]:
    try:
        text, percent = pair
        if not isinstance(text, str) or not isinstance(percent, int) or isinstance(percent, bool):
            raise TypeError("a key frame is a time and a whole number")
        at = parse_clock(text)
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise VeilError(f"a key frame in `lift` of {who} is not a time and a percentage", _HINT) from error
    if not 0 <= percent <= 100:
        raise VeilError(f"a key frame in `lift` of {who} is not between 0 and 100", _HINT)
    return at, percent / 100


def check_lifts(plan: Plan, case: Case, folder: Path | None) -> None:
    """Raise VeilError unless everyone who lifts the veil has a consent in `folder` for exactly that."""
    if plan.others.lift:
        raise VeilError("the plan lifts the veil of strangers", "only who is named in `people` can decide to be seen")
    for label, role in plan.roles.items():
        if not role.lift:
            continue
        _one_of_them(label, role, case)
        consent = _consent(label, role, folder)
        _check(consent, label, case)
        _check_times(consent, label, role, case)


def lifts_of(plan: Plan, case: Case) -> dict[str, str]:
    """Say when each person lifts the veil, by label; nobody who never does."""
    spans = {label: [s for s in _spans(role, case) if s.length_s] for label, role in plan.roles.items()}
    return {label: ", ".join(f"{clock(s.start)} to {clock(s.end)}" for s in own) for label, own in spans.items() if own}


def lifted(plan: Plan, case: Case) -> tuple[Attack, ...]:
    """Return what the report has to say of those who lift the veil: nothing was tried there, by their own decision."""
    return tuple(
        Attack(
            label,
            LIFTED,
            "their recorded consent",
            None,
            None,
            "warned",
            said=f"{label} lifts the veil at {when}: {_KNOWN}",
        )
        for label, when in lifts_of(plan, case).items()
    )


_KNOWN = (
    "they are seen then, and nothing was tried in these frames; whoever has seen them there knows who speaks in all "
    "the others, where the double no longer protects them"
)


def mark_of(case: Case, label: str) -> str:
    """Return what a consent names: this film, and the one person in it who is seen in just these frames and places.

    A label alone does not: whoever is P1 may be P2 when the film is watched anew.
    """
    own = next((p.tracks for p in case.cast.people if p.label == label), ())
    seen = sorted((t.first, t.last, _first_box(t)) for t in case.cast.tracks if t.label in own)
    return hashlib.sha256(repr((case.film.fingerprint, seen)).encode()).hexdigest()


def _first_box(track: Track) -> list[int]:
    return [round(float(edge)) for row in track.read(0, 1) for edge in row["box"]]


def _spans(role: Role, case: Case) -> Iterator[Span]:
    """Yield every span in which the disguise is not whole, as far as the film goes; one beyond it has no length."""
    for span in role.lifts():
        yield replace(span, end=max(span.start, min(span.end, case.end_s)))


def _one_of_them(label: str, role: Role, case: Case) -> None:
    """Raise VeilError when two faces that pass for one person are on screen while the veil lifts: one is another's."""
    own = next((p.tracks for p in case.cast.people if p.label == label), ())
    tracks = sorted((t for t in case.cast.tracks if t.label in own), key=lambda t: t.first)
    for k, one in enumerate(tracks):
        for other in tracks[k + 1 :]:
            shared = max(one.first, other.first) < min(one.last, other.last)
            if shared and any(case.shots[one.shot].span.meets(span) for span in role.lifts()):
                raise VeilError(
                    f"{label} is in two places at once while their veil lifts",
                    "two people may have been taken for one: look at cast.html, and lift it where they are alone",
                )


@dataclass(frozen=True)
class _Consent:
    """What a consent file says."""

    person: str
    film: str
    decided_by: str
    decided_on: date
    explained: tuple[str, ...]
    times: tuple[Span, ...]
    until: date
    withdrawn: bool


def _consent(label: str, role: Role, folder: Path | None) -> _Consent:
    """Read the consent that a role names; raise VeilError when there is none that can be read."""
    name = role.lift_consent
    if not name:
        raise VeilError(
            f"the plan lifts the veil of {label} without their consent",
            f'write down their consent in a file beside the plan, and name it: lift_consent = "consent-{label}.toml"',
        )
    if folder is None or Path(name).name != name or not (folder / name).is_file():
        raise VeilError(f"the consent of {label} is not in the case folder", f"write it there: {_FORM.format(label)}")
    try:
        told = tomllib.loads((folder / name).read_text("utf-8"))
        if told.keys() - _KEYS:
            raise KeyError("a key that nobody knows")
        return _Consent(
            person=_text(told["person"]),
            film=_text(told["film"]).lower(),
            decided_by=_text(told["decided_by"]),
            decided_on=_day(told["decided_on"]),
            explained=tuple(_text(words) for words in _list(told["explained"])),
            times=tuple(_span(words) for words in _list(told["times"])),
            until=_day(told["until"]),
            withdrawn=_truth(told.get("withdrawn", False)),
        )
    except OSError as error:
        raise VeilError(
            f"the consent of {label} cannot be read", "make the file readable: until then they stay disguised"
        ) from error
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise VeilError(
            f"the consent of {label} does not say all that it must",
            f"it needs {_FORM.format(label)}, and nothing else but withdrawn = true",
        ) from error


def _check(consent: _Consent, label: str, case: Case) -> None:
    """Raise VeilError when a consent is somebody else's, for another film, over, or withdrawn."""
    today = lent.today()
    if consent.withdrawn:
        raise VeilError(f"the consent of {label} was withdrawn", "take `lift` out of the plan: they stay disguised")
    if consent.person != label:
        raise VeilError(f"the consent for {label} is somebody else's", _STAYS)
    mark = mark_of(case, label)
    if len(consent.film) < _LEAST_DIGITS or not mark.startswith(consent.film):
        raise VeilError(
            f"the consent of {label} is for another film, or for somebody else in it",
            f"look at cast.html who {label} is; if just they agreed, and to this film, write film = "
            f'"{mark[:_LEAST_DIGITS]}"',
        )
    if consent.decided_on > today:
        raise VeilError(f"the consent of {label} is dated in the future", "correct the date, or ask them again")
    if consent.until < today:
        raise VeilError(f"the consent of {label} is no longer valid", _STAYS)


def _check_times(consent: _Consent, label: str, role: Role, case: Case) -> None:
    """Raise VeilError when more is shown than was agreed to."""
    for span in _spans(role, case):
        if not any(agreed.start <= span.start and span.end <= agreed.end for agreed in consent.times):
            raise VeilError(
                f"the veil of {label} lifts when they did not agree to it: {clock(span.start)} to {clock(span.end)}",
                "lift it within the `times` of their consent only",
            )


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError("not a text")
    return value.strip()


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise TypeError("not a list, or nothing in it")
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value


def _day(value: Any) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError("not a day")
    return value


def _span(text: Any) -> Span:
    start, end = (parse_clock(part) for part in _text(text).split(" - "))
    return Span(start, end)
