"""Attack: play the opponent on the finished cut. Every frame is searched; everyone in it is shown to recognisers.

The recognisers and detectors are ones that the defence never used. The worst of them decides, never the mean.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from veil.errors import VeilError
from veil.media import Reader, probe, read
from veil.nouns.plan import Plan
from veil.nouns.report import GRAVITY, Finding, Report
from veil.progress import Progress, silent
from veil.stages.ahead import ahead, in_order
from veil.stages.bodies import bodies
from veil.stages.burned import load_captions
from veil.stages.case import Case, CaseFolder, load_found
from veil.stages.dossier import Dossier
from veil.stages.elsewhere import Elsewhere
from veil.stages.escalation import load_raised
from veil.stages.foreground import Kept, load_refused
from veil.stages.lifting import lifted
from veil.stages.mouths import mouths_of
from veil.stages.opponent import Opponent, Pair
from veil.stages.overheard import Listening, overheard
from veil.stages.pages import worst, write_pages
from veil.stages.painted import load_painted, seal_of
from veil.stages.presence import Presence
from veil.stages.signing import disclosure, signs_of
from veil.stages.unclothed import clothes_attacks

_DEEP_EVERY = 12  # frames
_AGAIN = "run `veil cut CASE` again"
_VOICES = "voices: the plan lets the sound be heard as it is, and everyone who ever heard somebody knows them by it"
_CHOICE = (
    "recognition by the words that somebody chooses, by their sayings and by what is told: read the transcript",
    "an opponent who has trained on Veil's own voices: `python -m bench.voices` measures that on other people",
)

_NOT_CHECKED = (
    "whether people who know someone well would know them: by hair, ears, build, hands, clothes, gait, or what is told",
    "recognisers that nobody here has; those used are named above, and stronger ones exist",
    "recognition by the way a face moves: the plan's `performance` lowers it, `make bench` measures it",
    "jewellery, tattoos, logos, screens and places: see scene.html, and look yourself",
)


def attack(
    case: Case,
    plan: Plan,
    folder: CaseFolder,
    result: Path,
    progress: Progress = silent,
    listening: Listening | None = None,
) -> Report:
    """Attack the finished cut at `result`, which was made by `plan`; write the report's pages.

    `listening` is what the opponent who listens starts from, where it is not what the case holds.
    Raises VeilError when the film or the result cannot be read, is not what was watched or cut by this plan, or the
    result is not the whole film.
    """
    if probe(case.film.path).fingerprint != case.film.fingerprint:
        raise VeilError("the film is not the one that was watched", "run `veil watch FILM` again")
    dossier = Dossier(case, plan, mouths_of(case, plan, folder))
    bare = dossier.bare()
    beside = Elsewhere(case, plan)
    opponent = Opponent(_DEEP_EVERY)
    findings: list[Finding] = []
    frames = 0
    with read(case.film) as original, read(probe(result)) as cut:
        pairs = (
            replace(pair, judges={part.label: dossier.judges(part.label) for part, _ in pair.faces}, bare=bare)
            for pair in _pairs(case, plan, folder, original, cut)
        )
        for looked in progress(in_order(opponent.look, pairs, workers=2), doing="attacking", total=case.frames):
            frames += 1
            findings += looked.findings()
            dossier.take(looked)
            beside.take(looked.pair)
    if frames != case.frames:
        raise VeilError("the cut has other frames than the film", _AGAIN)
    every = tuple(sorted((*findings, *beside.findings()), key=lambda f: (f.kind == "writing", -f.score, f.index)))
    clothes = clothes_attacks(case, plan, bodies(case, plan, folder))
    voices = overheard(case, plan, folder, result, listening)
    attacks = (
        *dossier.attacks(every, _chosen(folder)),
        *clothes,
        *lifted(plan, case),
        *voices,
        *beside.attacks(result),
    )
    report = Report(
        frames,
        case.undecodable,
        every,
        tuple(sorted(attacks, key=lambda a: GRAVITY[a.verdict])),
        dossier.moments(),
        dossier.traces(),
        (*_NOT_CHECKED, *_unheard(plan)),
        disclosure(case, plan),
    )
    rate_hz = case.film.rate_hz
    write_pages(folder, report, dossier.pictures(worst(report, rate_hz)), rate_hz, _secrets(case.film.path))
    return report


def _unheard(plan: Plan) -> tuple[str, ...]:
    """Return what of the sound was not checked."""
    return {"as it is": (_VOICES,), "disguised": _CHOICE, "left out": ()}[plan.sound]


def _chosen(folder: CaseFolder) -> set[str]:
    """Return whose double was chosen by these very recognisers."""
    return {label for label, more in load_raised(folder).items() if more.double}


def _secrets(film: Path) -> tuple[str, ...]:
    """Return what of the film's name must not stand in a page that is shared.

    A stem that is a plain word is left alone: blacked out in Veil's own sentences, it would be told by its gap.
    """
    return (film.name,) if film.stem.isalpha() else (film.name, film.stem)


def _pairs(case: Case, plan: Plan, folder: CaseFolder, original: Reader, cut: Reader) -> Iterator[Pair]:
    """Yield each frame of the film beside that of the cut, with who is in it and what was painted."""
    painted, presence = load_painted(folder, seal_of(case, plan, folder)), Presence(case)
    signs = signs_of(case, plan, load_captions(plan, folder))
    kept, found = Kept(load_refused(folder)), load_found(folder)
    for was, now in zip_longest(ahead(original), ahead(cut)):
        if was is None or now is None:
            raise VeilError("the cut has other frames than the film", _AGAIN)
        if was.picture.y.shape != now.picture.y.shape:
            raise VeilError("the cut has another size than the film", _AGAIN)
        hidden, allowed, left = [], [], set()
        for part, face in presence.faces(was.index, was.at):
            role = plan.role_of(part.person)
            if not role.hides(was.at):
                allowed.append(face.box)
            else:
                ordered = role.shade(was.at) if role.cover == "double" else 1.0  # no face is left to compare
                hidden.append((part, replace(face, strength=max(face.strength, ordered))))
                if ordered < 1 and kept.holds(part.motion.track, was.index):
                    left.add(part.label)
        here = tuple(painted.get(was.index, ()))
        last = was.index == case.frames - 1
        drawn = tuple(sign for sign, _ in signs.at(was.at))
        boxes, words = tuple(s.box for s in drawn), tuple(s.written for s in drawn)
        discs = tuple(box.grown(0.6) for box in found.get(was.index, ()))
        pair = Pair(was.index, was.at, was.picture, now.picture, tuple(hidden), here, tuple(allowed), last)
        yield replace(pair, signs=boxes, words=words, kept=frozenset(left), found=discs)
