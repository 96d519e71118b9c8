"""The one human decision: who may be seen, and what everyone else wears."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from veil.nouns.picture import Box
from veil.nouns.time import Instant, Span

_FADE_S = Fraction(1, 6)

Cover = Literal["double", "shadow", "blackout"]
COVERS: tuple[Cover, ...] = ("double", "shadow", "blackout")


@dataclass(frozen=True)
class Role:
    """What one person wears; `seen` are the spans in which they may be seen as they are.

    In the spans `hidden` no double is trusted: the head goes in shadow.
    """

    cover: Cover = "double"
    double: str | None = None  # a name from the wardrobe; None lets Veil cast
    seen: tuple[Span, ...] = ()
    performance: int = 100  # percent of the person's own way of moving that the double keeps
    hidden: tuple[Span, ...] = ()

    def shows(self, at: Instant) -> bool:
        return any(at in span for span in self.seen)

    def shade(self, at: Instant) -> float:
        """Return how far the head is in shadow by order of the plan, 0 to 1, fading in before and out after."""
        away_s = min((max(s.start - at, at - s.end, Fraction(0)) for s in self.hidden), default=_FADE_S)
        return float(1 - min(away_s, _FADE_S) / _FADE_S)


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
    sound: Literal["left out", "as it is"] = "left out"
    codec: Literal["h264", "hevc"] = "h264"
    quality: int = 20
    preset: str = "veryfast"
    camera: Literal["if recognised", "removed", "as it is"] = "if recognised"  # the sensor's own pattern of noise
    writing: Literal["covered", "as it is"] = "as it is"  # text that stands in the picture
    regions: tuple[Region, ...] = ()
    title: str = ""  # of the film, as those who lent a face know it; nothing else uses it

    def role_of(self, label: str) -> Role:
        return self.roles.get(label, self.others)
