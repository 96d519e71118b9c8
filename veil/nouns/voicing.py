"""What a plan may say of a voice: from whom it is hidden, and what it becomes."""

from dataclasses import dataclass
from typing import Literal

from veil.nouns.time import Instant, Span

From = Literal["the public", "software", "people who know them"]
FROMS: tuple[From, ...] = ("the public", "software", "people who know them")
"""From whom everyone in the film is hidden, the least first: viewers; an institution with software that knows voices;
people who know them."""

Speech = Literal["revoice", "double", "convert", "silence"]
SPEECHES: tuple[Speech, ...] = ("revoice", "double", "convert", "silence")
"""What a voice becomes: another, synthetic voice says the words; a volunteer says them; the voice is bent, which
software sees through; nothing."""


BLENDS = ("", "woman", "man", "by lot")
"""Blends of shipped voices: of the sex that the face looks like (by lot, where none is seen), or as the plan says."""
PREVIEW = "hibari"
"""One shipped voice, quick and the same for everybody."""


@dataclass(frozen=True)
class Voicing:
    """What one person's voice becomes; `heard` are the spans in which they may be heard as they are."""

    by: Speech = "revoice"
    voice: str = ""  # one of BLENDS, drawn by the seed; PREVIEW; or the path of a voice in Piper's format
    takes: str = ""  # the folder with the takes of a voice double, beside the plan
    consent: str = ""  # of the voice double: a file beside the plan
    second_pass: bool = False  # disguise the voice double's own voice too
    heard: tuple[Span, ...] = ()
    again: int = 0  # how many blends an attack has refused: each number draws another one; a plan does not say it

    @property
    def blended(self) -> bool:
        """Tell whether a blend of shipped voices says their words."""
        return self.by == "revoice" and self.voice in BLENDS

    @property
    def ships(self) -> bool:
        """Tell whether a voice that ships says their words."""
        return self.by == "revoice" and self.voice in {*BLENDS, PREVIEW}

    def sounds(self, at: Instant) -> bool:
        """Tell whether their own voice may be heard now."""
        return any(at in span for span in self.heard)
