"""What an attack found goes back into the next cut: another double, then shadow; another voice, then silence.

Never a weaker cover.

The plan stays as its author wrote it; what was raised since lies beside it in `raised.json`.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction

import numpy as np

from veil.errors import VeilError
from veil.nouns.film import Shot
from veil.nouns.plan import Plan
from veil.nouns.report import VOICES, Finding, Report, Verdict
from veil.nouns.time import ALWAYS, Span
from veil.nouns.voicing import PREVIEW, Voicing
from veil.stages.case import Case, CaseFolder, load_found, write_json
from veil.stages.foreground import refuse
from veil.stages.paths import add_places

Rehearsal = Callable[[str, Sequence[str]], str | None]
"""Names a double in which this person is not recognised, none of those refused; None when there is none."""

FILM = "film"
_CHANNELS = {"face", "face over time", "rank", "someone else"}
_AROUND = 12  # frames before and after a finding that are covered, too
_AROUND_S = Fraction(1, 2)
_RARE, _FEW = 0.02, 0.34  # of the frames: up to here a shadow will do, and where no other double hides somebody
_TRIES = 2  # doubles that are refused before the head goes in shadow
_VOICES = 2  # blends of voices that are refused before somebody is silent


@dataclass(frozen=True)
class Raised:
    """How far the cover of one person was raised."""

    double: str | None = None  # worn instead of the plan's
    refused: tuple[str, ...] = ()  # doubles in which they were recognised
    hidden: tuple[Span, ...] = ()  # while these last, their head is in shadow
    voices: int = 0  # blends in which they were recognised: the next one is drawn
    silent: bool = False  # no voice speaks for them; the subtitles do
    spoke: str = ""  # the way of speaking that was refused, see `_spoken`; another one is theirs to try
    camera: bool = False  # of the film as a whole: the camera was recognised, so its noise goes

    @property
    def whole(self) -> bool:
        """Tell whether their head is in shadow all the time: there is nothing stronger short of the blackout."""
        return ALWAYS in self.hidden


def load_raised(folder: CaseFolder) -> dict[str, Raised]:
    """Return what earlier attacks raised, by person; what concerns the film as a whole under `FILM`.

    Raises VeilError when the file is damaged.
    """
    path = folder.path / "raised.json"
    if not path.is_file():
        return {}
    try:
        stored = json.loads(path.read_text("utf-8"))
        return {
            label: Raised(
                about["double"],
                tuple(about["refused"]),
                tuple(Span(Fraction(a), Fraction(b)) for a, b in about["hidden"]),
                int(about.get("voices", 0)),
                bool(about.get("silent", False)),
                str(about.get("spoke", "")),
                about["camera"],
            )
            for label, about in stored.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError, ZeroDivisionError) as error:
        raise VeilError("what earlier attacks raised is damaged", "delete raised.json in the case folder") from error


def save_raised(folder: CaseFolder, raised: dict[str, Raised]) -> None:
    """Keep what was raised for the next cut."""
    write_json(
        folder.path / "raised.json",
        {label: {**asdict(r), "hidden": [[s.start, s.end] for s in r.hidden]} for label, r in raised.items()},
    )


def in_force(plan: Plan, raised: dict[str, Raised]) -> Plan:
    """Return the plan with every cover raised as far as the attacks ask for.

    A double or a way of speaking that the author has chosen since is theirs to try: only what was refused is raised.
    """
    roles = dict(plan.roles)
    if raised.get(FILM, Raised()).camera and plan.camera == "if recognised":
        plan = replace(plan, camera="removed")
    for label, more in raised.items():
        if label == FILM:
            continue
        role = plan.role_of(label)
        if (more.voices or more.silent) and more.spoke == _spoken(role.voicing):
            role = roles[label] = replace(role, voicing=_voiced(role.voicing, more))
        if more.refused and role.double not in {*more.refused, more.double}:
            continue
        double = more.double if role.double in more.refused and more.double else role.double
        roles[label] = replace(role, double=double, hidden=(*role.hidden, *more.hidden))
    return replace(plan, roles=roles)


def raise_covers(case: Case, plan: Plan, folder: CaseFolder, report: Report, rehearse: Rehearsal) -> bool:
    """Raise the cover of everyone who was found or recognised; return whether there was anything left to raise.

    `plan` is the one in force. A face that only the search saw is covered where it was; what is left of the face of
    somebody in a double is first tried with another double. Whoever is recognised in hardly any frame goes in shadow
    there; in more, they get another double, and when none hides them their head goes in shadow there, or throughout. So
    does the head of whoever could not be tried: a double that nobody can attack is not worn. Whoever is recognised by
    their new voice gets another, and after two of them silence; so does, at once, who could not be tried.
    """
    if refuse(
        case, folder, report.findings, _AROUND
    ):  # what was kept in front of a face goes first; then everything is searched again
        return True
    raised = load_raised(folder)
    before = dict(raised)
    for person in case.cast.people:
        failed = {a.channel: a.verdict for a in report.attacks if a.person == person.label and a.channel in _CHANNELS}
        doubled = plan.role_of(person.label).cover == "double"
        if doubled and person.label not in raised and any(f.person == person.label for f in report.findings):
            failed["coverage"] = "exposed"  # skin that is like the double's by chance is not like another double's
        if set(failed.values()) <= {"safe", "warned"}:
            continue
        now = raised.get(person.label, Raised())
        more = now if now.whole else _raised(now, person.label, plan, failed, report, rehearse)
        if more != Raised():
            raised[person.label] = more
    _raise_voices(plan, raised, report)
    if any(a.channel == "camera" and a.verdict == "exposed" for a in report.attacks):
        raised[FILM] = Raised(camera=True)
    save_raised(folder, raised)
    mended = {label for label, now in raised.items() if now.double and now != before.get(label)}
    report = replace(report, findings=tuple(f for f in report.findings if f.person not in mended))
    written = add_places(folder, [(f.index, f.box) for f in report.findings if f.kind == "writing"])

    def lifts(finding: Finding, index: int) -> bool:
        return finding.person is not None and plan.role_of(finding.person).lifting(index / case.film.rate_hz)

    return cover_findings(folder, report, case.shots, lifts) or written or raised != before


def _raised(
    now: Raised, label: str, plan: Plan, failed: dict[str, Verdict], report: Report, rehearse: Rehearsal
) -> Raised:
    """Return the next step for one person."""
    throughout = replace(now, hidden=(ALWAYS,))
    worn = plan.role_of(label).double
    if "not proven" in failed.values() or worn is None:
        return throughout
    trace = report.traces.get(label)
    known = np.zeros(0) if trace is None else trace.at_s[trace.likeness >= 1]
    seen = 0 if trace is None else int(np.isfinite(trace.likeness).sum())
    in_frames = {c for c, v in failed.items() if v == "exposed"} == {"face"} and len(known) > 0
    shaded = replace(now, hidden=_merged((*now.hidden, *(_around(float(at)) for at in known))))
    if in_frames and len(known) <= _RARE * seen:
        return shaded
    refused = (*now.refused, worn)
    other = rehearse(label, refused) if len(refused) <= _TRIES else None
    if other:
        return replace(now, double=other, refused=refused)
    if {c for c, v in failed.items() if v == "exposed"} == {"coverage"}:
        return now  # the places that were found are covered
    return shaded if in_frames and len(known) <= _FEW * seen else replace(throughout, refused=refused)


def _raise_voices(plan: Plan, raised: dict[str, Raised], report: Report) -> None:
    """Raise the voice of everyone who is recognised by it, or of whom nothing is proven, a step further."""
    tried = [
        a for a in report.attacks if a.person and a.channel in VOICES[:2] and a.verdict in {"exposed", "not proven"}
    ]
    for label in dict.fromkeys(a.person for a in tried if a.person):
        verdicts = {a.verdict for a in tried if a.person == label}
        voicing, now = plan.role_of(label).voicing, raised.get(label, Raised())
        if voicing.by == "silence":
            continue
        spoke = _spoken(voicing)
        if spoke != now.spoke:
            now = replace(now, voices=0, silent=False, spoke=spoke)
        if "not proven" in verdicts or not voicing.ships or now.voices >= _VOICES:
            raised[label] = replace(now, silent=True)
        else:
            raised[label] = replace(now, voices=now.voices + 1)


def _spoken(voicing: Voicing) -> str:
    """Return what makes one way of speaking another, as words to be kept."""
    voice = "" if voicing.voice == PREVIEW else voicing.voice
    return f"{voicing.by} {voice} {voicing.takes}"


def _voiced(voicing: Voicing, more: Raised) -> Voicing:
    if more.silent:
        return replace(voicing, by="silence")
    return replace(voicing, voice=voicing.voice if voicing.blended else "", again=more.voices)


def _around(at_s: float) -> Span:
    at = Fraction(at_s).limit_denominator(1000)
    return Span(max(Fraction(0), at - _AROUND_S), at + _AROUND_S)


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans in order, those that nearly touch as one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end + _AROUND_S:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def cover_findings(
    folder: CaseFolder,
    report: Report,
    shots: Sequence[Shot],
    lifts: Callable[[Finding, int], bool] | None = None,
) -> bool:
    """Put what was found into the next cut: each place is covered a little before and after, within its shot.

    Not in a frame in which the person who was found `lifts` their veil.
    """
    found = {index: list(boxes) for index, boxes in load_found(folder).items()}
    before = {index: list(boxes) for index, boxes in found.items()}
    for finding in (f for f in report.findings if f.kind != "writing"):
        shot = next((s for s in shots if s.first <= finding.index < s.last), None)
        if shot is None:
            raise ValueError("a finding lies in no shot of the film")
        for index in range(max(shot.first, finding.index - _AROUND), min(shot.last, finding.index + _AROUND + 1)):
            if lifts is not None and lifts(finding, index):
                continue
            boxes = found.setdefault(index, [])
            if finding.box not in boxes:
                boxes.append(finding.box)
    write_json(folder.found, {str(i): [[b.left, b.top, b.right, b.bottom] for b in bs] for i, bs in found.items()})
    return found != before
