"""The one contract that every voice keeps; what each hides from whom, and what a plan may therefore not ask."""

from dataclasses import dataclass
from typing import Protocol

from veil.errors import VeilError
from veil.nouns.speech import Line, Sound, Spoken
from veil.nouns.voicing import From, Speech, Voicing


@dataclass(frozen=True)
class Hides:
    """From whom a way of speaking hides a voice, and what an informed attacker measured, in plain words."""

    hidden_from: frozenset[From]
    measured: str
    nobodys: bool = False  # the new voice is no living person's either


EVERYONE: frozenset[From] = frozenset(("the public", "software", "people who know them"))

HIDES: dict[Speech, Hides] = {
    "revoice": Hides(
        EVERYONE,
        "nothing of the voice crosses but its sex, where a face tells it: among people of one sex, attackers trained "
        "on such speech were wrong in 44 to 53 of 100 cases (50 is chance); words and the times of phrases stay",
        nobodys=True,
    ),
    "double": Hides(
        EVERYONE,
        "nothing of the voice crosses; words and the times of phrases stay, and the double is heard",
    ),
    "convert": Hides(
        frozenset(("the public",)),
        "software recognises this voice: of ten people the right one was named in up to 67 of 100 films of ten seconds",
    ),
    "silence": Hides(EVERYONE, "nothing is heard", nobodys=True),
}
"""Measured on read English of ten people (LibriSpeech), sixty films of two utterances: docs/voices.md has the table."""


def allowed(voicing: Voicing, hidden_from: From) -> None:
    """Raise VeilError when what the plan makes of a voice does not hide it from those whom it must be hidden from."""
    if hidden_from in HIDES[voicing.by].hidden_from:
        return
    raise VeilError(
        f"{voicing.by} does not hide a voice from {hidden_from}: software recognises it",
        'choose voice = "revoice" or "double" in the plan, or "silence" with subtitles',
    )


class Voice(Protocol):
    """Speaks the words of a line with a voice that is not the person's.

    It knows nothing of the original but the line: not its sound, not the times of its words and phones. It opens no
    files and no network while it speaks, keeps no state between lines, and draws no randomness but its seed.
    """

    @property
    def name(self) -> str: ...

    @property
    def by(self) -> Speech:
        """Tell what it is to a plan; HIDES says from whom that hides."""
        ...

    @property
    def nobodys(self) -> bool:
        """Tell whether it is no living person's voice, so that nobody can be taken for the speaker."""
        ...

    def speak(self, line: Line, seed: int) -> Spoken:
        """Return the line, spoken: from the line's start, as near to its length as sounds natural.

        The sound begins with the first phone and ends with the last. Where it is too long for its place even at its
        fastest, it is longer: see `overrun_s`. Raises VeilError where a word cannot be spoken.
        """
        ...


class Bending(Protocol):
    """Bends the sound of a turn instead of speaking its words: the one way of speaking that needs the original.

    What it returns is made of the original's samples, so it hides from viewers and from nobody else.
    """

    @property
    def name(self) -> str: ...

    def bend(self, sound: Sound, rate_hz: int) -> Sound:
        """Return a new sound of the same length and rate; `sound` is read-only."""
        ...


def overrun_s(line: Line, spoken: Spoken) -> float:
    """Return by how many seconds the spoken line is longer than its place and the room behind it; 0 when it fits."""
    return max(0.0, spoken.length_s - float(line.length_s + line.room_s))
