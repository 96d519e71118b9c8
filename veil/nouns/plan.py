"""The one human decision: who may be seen, and what everyone else wears."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from veil.nouns.picture import Box
from veil.nouns.time import Instant, Span

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

    In the spans `hidden` no double is trusted: the head goes in shadow.
    """

    cover: Cover = "double"
    double: str | None = None  # a name from the wardrobe; None lets Veil cast
    seen: tuple[Span, ...] = ()
    performance: int = 100  # percent of the person's own way of moving that the double keeps
    hidden: tuple[Span, ...] = ()
    beyond: Beyond = Beyond()
    clothes: str = "as they are"  # one of CLOTHES

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

    def role_of(self, label: str) -> Role:
        return self.roles.get(label, self.others)
