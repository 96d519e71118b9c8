"""What an attack on the finished cut found, and what follows from it."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from veil.nouns.picture import Box

Verdict = Literal["safe", "exposed", "not proven", "warned"]
"""Warned: it may give somebody away, and a person must judge; it does not hold the film back."""

GRAVITY: dict[Verdict, int] = {"exposed": 0, "not proven": 1, "warned": 2, "safe": 3}
"""Sorts the gravest first."""

Kind = Literal["face", "bare head", "original", "strange", "writing"]
"""What shows: a face that is no double, a body whose head is not covered, a part of the original face, a place that
differs from the original though nothing was painted there, writing that was to be covered."""


LIFTED = "lifted veil"
"""The channel of those who have chosen to be seen: it is told, nobody tried it."""

OWN_VOICE = "own voice"
"""The channel of those whose own voice the plan lets be heard: it is told, nobody tried it."""

BY_PLAN = "the plan"
"""Who says that an own voice is heard, where nothing went wrong."""

VOICES = ("voice", "voice over time", "between the words")
"""The channels through which somebody is recognised by their voice."""


@dataclass(frozen=True)
class Finding:
    """Something in the result that shows a person who may not be seen."""

    index: int  # frame number
    box: Box
    score: float  # 0..1, how sure the search is
    kind: Kind = "face"
    person: str | None = None  # whose face it is, where that is known


@dataclass(frozen=True)
class Attack:
    """One try to tell who somebody is, through one channel; of several methods the worst one is kept."""

    person: str | None  # a label; None where it concerns the film as a whole
    channel: str  # "face", "face over time", "rank", "coverage", "voice", "file", "camera", ...
    by: str  # the recogniser or the method
    score: float | None
    limit: float | None
    verdict: Verdict
    frame: int | None = None  # where it is worst
    said: str = ""  # what it means, in plain words, and what to do


@dataclass(frozen=True)
class Moment:
    """A frame in which somebody is nearest to being recognised: for the pictures of the report."""

    index: int
    person: str | None
    box: Box  # what to look at
    ratio: float  # score over limit; 1 and above is recognised
    said: str


@dataclass(frozen=True, eq=False)
class Trace:
    """How one person fares over the film, frame by frame; arrays of one length, nan where it was not measured."""

    frames: NDArray[np.int32]
    at_s: NDArray[np.float64]
    likeness: NDArray[np.float32]  # score over limit of the worst recogniser; 1 and above is recognised
    covered: NDArray[np.float32]  # 0..1, share of what was owed that no longer is the original
    expression: NDArray[np.float32]  # -1..1, correlation of the blendshapes over the second around, original to result
    flicker: NDArray[np.float32]  # frame-to-frame change inside the cover, result over original


@dataclass(frozen=True)
class Report:
    """The verdict on a cut; findings, attacks and moments worst first."""

    frames: int
    undecodable: int  # packets of the film that could not be read
    findings: tuple[Finding, ...]
    attacks: tuple[Attack, ...] = ()
    moments: tuple[Moment, ...] = ()
    traces: dict[str, Trace] = field(default_factory=dict)
    not_checked: tuple[str, ...] = ()
    disclosure: str = ""  # how the film tells its viewers that people are disguised

    @property
    def verdict(self) -> Verdict:
        """Return exposed when anything was found, not proven when anything could not be tried or nothing was."""
        verdicts, tried = {a.verdict for a in self.attacks}, self._tried()
        if self.findings or "exposed" in verdicts:
            return "exposed"
        return "not proven" if "not proven" in verdicts or not tried else "safe"

    def _tried(self) -> bool:
        """Tell whether anybody was shown to a recogniser or a comparison."""
        return any(a.person and a.channel not in {LIFTED, OWN_VOICE} for a in self.attacks)

    @property
    def safe(self) -> bool:
        return self.verdict == "safe"

    def exposure(self) -> str:
        """Say in one line who would be exposed, the worst first."""
        if self.findings:
            places, worst = len(self.findings), self.findings[0]
            what = "show what was to be covered" if worst.kind == "writing" else "show somebody"
            return f"{places} places in the film {what}, the clearest in frame {worst.index}"
        attack = next(a for a in self.attacks if a.verdict == "exposed")
        where = "" if attack.frame is None else f", most in frame {attack.frame}"
        return f"{attack.person or 'the film'} can still be recognised by {attack.channel}{where}"

    def unproven(self) -> tuple[str, str]:
        """Say in one line what could not be tried, and what to do."""
        if not self._tried():
            return "nobody was found in the film, so nothing is proven", "look at the .part yourself, frame by frame"
        attack = next(a for a in self.attacks if a.verdict == "not proven")
        if attack.channel in VOICES:
            hint = 'see report.html; choose voice = "silence" for them in plan.toml, then run `veil disguise` again'
            return f"{attack.person or 'the film'}: {attack.channel} could not be tried", hint
        return (
            f"{attack.person or 'the film'}: {attack.channel} could not be tried",
            "see report.html; choose shadow or blackout for them in plan.toml, then run `veil disguise` again",
        )
