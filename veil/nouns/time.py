"""Exact time: instants and half-open spans of a film, in seconds as fractions."""

from dataclasses import dataclass
from fractions import Fraction

Instant = Fraction


@dataclass(frozen=True, order=True)
class Span:
    """Time from `start` to `end` in seconds; holds its start and not its end."""

    start: Instant
    end: Instant

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a span must not end before it starts: {self.start} to {self.end}")

    @property
    def length_s(self) -> Fraction:
        return self.end - self.start

    def __contains__(self, at: Instant) -> bool:
        return self.start <= at < self.end

    def meets(self, other: "Span") -> bool:
        """Tell whether the two spans share any instant."""
        return self.start < other.end and other.start < self.end


ALWAYS = Span(Fraction(0), Fraction(10**9))


def clock(at: Instant) -> str:
    """Write an instant as ``h:mm:ss.mmm``, rounded to the millisecond."""
    ms = round(at * 1000)
    return f"{ms // 3_600_000}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def parse_clock(text: str) -> Instant:
    """Read ``[[h:]mm:]ss[.fraction]`` as an exact instant; raise ValueError when it is none."""
    parts = text.strip().split(":")
    if not 1 <= len(parts) <= 3 or any(not p.strip() for p in parts):
        raise ValueError(f"not a time: {text!r}")
    seconds = Fraction(parts[-1])
    for scale, part in zip((60, 3600), reversed(parts[:-1]), strict=False):
        seconds += scale * int(part)
    if seconds < 0:
        raise ValueError(f"not a time: {text!r}")
    return seconds
