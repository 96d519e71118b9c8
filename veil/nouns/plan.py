"""The one human decision: who may be seen, and what everyone else wears."""

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from veil.nouns.picture import Box
from veil.nouns.publication import Publication
from veil.nouns.signals import Signals
from veil.nouns.time import ALWAYS, Instant, Span
from veil.nouns.voicing import From, Voicing

_FADE_S = Fraction(1, 6)

Cover = Literal["double", "shadow", "blackout"]
COVERS: tuple[Cover, ...] = ("double", "shadow", "blackout")
CLOTHES = (
    "as they are", "flat", "recoloured", "black", "grey", "white", "blue", "green", "brown", "red", "yellow", "purple",
)  # fmt: skip
"""What may be done to clothes: nothing; one even tone; another colour, by the seed or by name."""


Hair = Literal["as it is", "black", "dark brown", "brown", "blond", "red", "grey", "white"]
HAIRS: tuple[Hair, ...] = ("as it is", "black", "dark brown", "brown", "blond", "red", "grey", "white")
Ears = Literal["as they are", "softened"]
EARS: tuple[Ears, ...] = ("as they are", "softened")
Spectacles = Literal["as the double's", "none", "round", "square", "half"]
SPECTACLES: tuple[Spectacles, ...] = ("as the double's", "none", "round", "square", "half")


@dataclass(frozen=True)
class Beyond:
    """What changes of a head beside its inner face, for whoever wears a double."""

    outline: int = 100  # percent of the way that jaw and outline usually go to the double's
    hair: Hair = "as it is"
    ears: Ears = "as they are"
    glasses: Spectacles = "as the double's"


@dataclass(frozen=True)
class Role:
    """What one person wears; `seen` are the spans in which they may be seen as they are.

    In the spans `hidden` no double is trusted: the head goes in shadow. `lift` are key frames of the disguise's
    opacity, 0 to 1, in order of time: the dissolve in which somebody becomes themselves.
    """

    cover: Cover = "double"
    double: str | None = None  # a name from the wardrobe; None lets Veil cast
    seen: tuple[Span, ...] = ()
    performance: int = 100  # percent of the person's own way of moving that the double keeps
    hidden: tuple[Span, ...] = ()
    beyond: Beyond = Beyond()
    clothes: str = "as they are"  # one of CLOTHES
    lift: tuple[tuple[Instant, float], ...] = ()
    lift_consent: str = ""  # the name of a file beside the plan, without which nothing lifts
    voicing: Voicing = field(default_factory=Voicing)
    alias: str = ""  # the name under which they appear: "identified as ..."

    def __post_init__(self) -> None:
        times, opacities = [at for at, _ in self.lift], [opacity for _, opacity in self.lift]
        if times != sorted(set(times)) or any(not 0 <= o <= 1 for o in opacities):
            raise ValueError("key frames must go forward in time, from 0 to 1")
        if self.lift and opacities[0] != 1:
            raise ValueError("a disguise is whole before it lifts")

    def shows(self, at: Instant) -> bool:
        """Tell whether they are seen as they are, with nothing of a disguise."""
        return any(at in span for span in self.seen) or self.veil(at) <= 0

    def veil(self, at: Instant) -> float:
        """Return the opacity of the disguise, of face and voice alike, 0 to 1: smooth between two key frames.

        It is 1 before the first key frame, and after the last one what that says.
        """
        if not self.lift or at <= self.lift[0][0]:
            return 1.0
        for (before, one), (after, other) in pairwise(self.lift):
            if at < after:
                way = float((at - before) / (after - before))
                return one + (other - one) * way * way * (3 - 2 * way)
        return self.lift[-1][1]

    def lifts(self) -> tuple[Span, ...]:
        """Return the spans in which the disguise is not whole."""
        spans: list[Span] = []
        ends = [*self.lift[1:], (ALWAYS.end, self.lift[-1][1])] if self.lift else []
        for (before, one), (after, other) in zip(self.lift, ends, strict=True):
            if one == other == 1:
                continue
            if spans and spans[-1].end == before:
                spans[-1] = Span(spans[-1].start, after)
            else:
                spans.append(Span(before, after))
        return tuple(spans)

    def lifting(self, at: Instant) -> bool:
        """Tell whether they have chosen to be seen now, in full or in part."""
        return self.veil(at) < 1

    def hides(self, at: Instant) -> bool:
        """Tell whether nothing of them may be seen now."""
        return not self.shows(at) and not self.lifting(at)

    def sounds(self, at: Instant) -> bool:
        """Tell whether their own voice may be heard now: the plan says so, or their veil is gone."""
        return self.voicing.sounds(at) or self.veil(at) <= 0

    def shade(self, at: Instant) -> float:
        """Return how far the head is in shadow by order of the plan, 0 to 1, fading in before and out after.

        Where the disguise lifts, a shadow that does not last all the time lifts with it.
        """
        if ALWAYS in self.hidden:
            return 1.0
        away_s = min((max(s.start - at, at - s.end, Fraction(0)) for s in self.hidden), default=_FADE_S)
        return float(1 - min(away_s, _FADE_S) / _FADE_S) * self.veil(at)


@dataclass(frozen=True)
class Region:
    """A place in the picture to be covered (writing, a screen, a tattoo), followed through the shot around `at`."""

    at: Instant
    box: Box  # where it is at that instant, in upright pixels


@dataclass(frozen=True)
class Plan:
    """Roles by label. Whoever has none, strangers included, wears `others`; nobody falls through to the original."""

    seed: int
    roles: dict[str, Role] = field(default_factory=dict)
    others: Role = Role()
    sound: Literal["disguised", "left out", "as it is"] = "left out"
    hidden_from: From = "people who know them"
    language: str = ""  # that is spoken, ISO 639-1; empty: English where it is recognised as such
    ambience: Literal["synthetic", "as it is"] = "synthetic"  # where nobody speaks
    subtitles: Literal["beside", "burned in", "left out"] = "beside"
    codec: Literal["h264", "hevc"] = "h264"
    quality: int = 20
    preset: str = "veryfast"
    camera: Literal["if recognised", "removed", "as it is"] = "if recognised"  # the sensor's own pattern of noise
    writing: Literal["covered", "as it is"] = "as it is"  # text that stands in the picture
    regions: tuple[Region, ...] = ()
    signals: Signals = field(default_factory=Signals)
    publication: Publication = field(default_factory=Publication)
    title: str = ""  # of the film, as those who lent a face know it; nothing else uses it

    def role_of(self, label: str) -> Role:
        return self.roles.get(label, self.others)
