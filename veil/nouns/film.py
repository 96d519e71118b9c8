"""What is known of a film before anyone looks at it."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from veil.nouns.picture import Colour
from veil.nouns.time import Span


@dataclass(frozen=True)
class Film:
    """A film file as it was probed; sizes are upright (rotation already applied)."""

    path: Path
    width: int
    height: int
    rate_hz: Fraction  # average; the frames carry their own instants
    length_s: Fraction
    frames: int  # as the container says; 0 where it does not
    codec: str
    colour: Colour  # of the pictures that Veil reads from it (8 bits, SDR)
    hdr: bool
    rotation_deg: int  # 0, 90, 180, 270: turned upright on reading
    has_sound: bool
    fingerprint: str  # SHA-256 of the file


@dataclass(frozen=True)
class Shot:
    """A span of the film without a cut; `first` and `last` are frame numbers, half-open."""

    span: Span
    first: int
    last: int
