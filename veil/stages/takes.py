"""Takes of a voice double: each is checked when it comes in, kept in the case without a trace, and fitted to its line.

They lie in a folder beside the plan: one WAV file a line, `takes.json` (which line each is of, in its disguised words)
and `consent.json` (who lent the voice, for which films, until when, and whether they took it back).
"""

import io
import json
import re
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from veil.disguise.lent import Consent, today
from veil.disguise.voices import volunteer
from veil.disguise.voices.read_aloud import fitted
from veil.errors import VeilError
from veil.media.listen import listen
from veil.nouns.speech import Line, Sound, Spoken
from veil.nouns.time import Instant, clock, parse_clock
from veil.nouns.voicing import Speech, Voicing
from veil.stages.case import write_json

RATE_HZ = 48_000
_NUMBER = re.compile(r"(?<!\d)0*(\d{1,5})(?!\d)")
_NEAR_S = 30  # so far a line may have moved since it was read
_AGAIN = "print the script again with `veil voice script`, read the line, and hand it in with `veil voice takes`"

Bend = Callable[[Sound, int], Sound]
"""Bends a voice: takes a sound and its rate, and returns one as long. What the second pass does to a volunteer's."""


@dataclass(frozen=True)
class Kept:
    """A take in the case: which words it says, where in the film, and its file."""

    text: str
    start: Instant
    file: str


def numbered(folder: Path) -> dict[int, Path]:
    """Return the sound files in a folder by the first number in their names, the latest of each.

    Raises VeilError when there is no such folder, or no name in it begins with a number.
    """
    try:
        files = sorted((p for p in folder.iterdir() if p.is_file()), key=lambda p: (p.stat().st_mtime, p.name))
    except OSError as error:
        raise VeilError("the folder with the takes cannot be read", "check its path") from error
    found = {int(m[1]): path for path in files if not path.name.startswith(".") and (m := _NUMBER.search(path.stem))}
    if not found:
        raise VeilError("no take is in the folder", "name each file by the number of its line: 1.wav, 2.wav, ...")
    return found


def hear_take(path: Path) -> Sound | None:
    """Return a take in mono at RATE_HZ; None where it holds no sound that can be read."""
    try:
        sound = listen(path, RATE_HZ)
    except VeilError:
        return None
    return sound if sound is not None and len(sound) and np.isfinite(sound).all() else None


def keep_takes(folder: Path, takes: Sequence[tuple[Line, int, Sound]], consent: Consent) -> None:
    """Keep takes (line, its number, sound) in a folder of the case, for its owner only, whatever was there before.

    Raises VeilError when the folder holds takes of another consent, or cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if (folder / "consent.json").is_file():
            volunteer.check(folder / "consent.json", consent)
        volunteer.keep(folder / "consent.json", consent)
        kept = {(take.text, take.start): take for take in kept_takes(folder)}
        for line, number, sound in takes:
            file = f"{number:05d}.wav"
            (folder / file).write_bytes(_wav(sound))
            (folder / file).chmod(0o600)
            kept = {key: take for key, take in kept.items() if take.file != file}
            kept[_plain(line.text), line.start] = Kept(_plain(line.text), line.start, file)
        ordered = sorted(kept.values(), key=lambda take: take.file)
        write_json(folder / "takes.json", [[take.text, clock(take.start), take.file] for take in ordered])
    except OSError as error:
        raise VeilError(
            "the takes cannot be kept in the case", "make room, or make the case folder writable"
        ) from error


def destroy_takes(folder: Path) -> volunteer.Agreed:
    """Destroy the takes of a voice double who wants their voice back; who lent it and until when stays on record."""
    kept = volunteer.withdraw(folder / "consent.json", today())
    try:
        for path in folder.iterdir():
            if path.name != "consent.json" and path.is_file():
                with path.open("r+b") as file:
                    file.write(bytes(path.stat().st_size))
                path.unlink()
    except OSError as error:
        raise VeilError("the takes cannot be destroyed", "delete them in the case folder") from error
    return kept


@dataclass(frozen=True)
class VoiceDouble:
    """A voice (see `disguise.voices.contract.Voice`) that says each line with the take that a volunteer read of it."""

    folder: Path
    bend: Bend | None = None
    kept: tuple[Kept, ...] = ()
    name: str = "voice double"
    by: Speech = "double"
    nobodys: bool = field(default=False)  # it is the volunteer's

    def speak(self, line: Line, seed: int) -> Spoken:
        """Return the take of a line, fitted to its place; raise VeilError when there is none that can be read."""
        del seed  # a reading is what it is
        take = self.take_of(line)
        sound = hear_take(self.folder / take.file) if take is not None else None
        if sound is None:
            raise VeilError(f"the voice double has not read the line at {clock(line.start)}", _AGAIN)
        spoken = fitted(sound, RATE_HZ, line)
        if not len(spoken.sound):
            raise VeilError(f"nothing can be heard in the take of the line at {clock(line.start)}", _AGAIN)
        if self.bend is None:
            return spoken
        return Spoken(self.bend(spoken.sound, RATE_HZ), RATE_HZ, spoken.phones, spoken.words)

    def take_of(self, line: Line) -> Kept | None:
        """Return the take that says just these words about here; None where nobody read them."""
        same = [take for take in self.kept if take.text == _plain(line.text)]
        best = min(same, key=lambda take: abs(take.start - line.start), default=None)
        return best if best is not None and abs(best.start - line.start) <= _NEAR_S else None


def voice_double(plan_folder: Path, voicing: Voicing, title: str, bend: Bend | None = None) -> VoiceDouble:
    """Return the voice that a plan names in `takes` and `voice_consent`, both beside the plan.

    `bend` is the second pass. Raises VeilError when the takes are not there, the consent does not hold today for the
    film of this title, or a second pass is asked for and there is none.
    """
    for name in (voicing.takes, voicing.consent):
        if not name or Path(name).name != name:
            raise VeilError(
                "the plan does not say where the takes of the voice double and their consent are",
                "hand them in with `veil voice takes`; it says what to write into the plan",
            )
    folder = plan_folder / voicing.takes
    consent = volunteer.read_voice_consent(plan_folder / voicing.consent, today(), title)
    volunteer.check(folder / "consent.json", consent)
    if voicing.second_pass and bend is None:
        raise VeilError("the second pass over the voice double is not there", "write second_pass = false into the plan")
    return VoiceDouble(folder, bend if voicing.second_pass else None, kept_takes(folder))


def takes_for(folder: Path, voicing: Voicing, title: str, bend: Bend | None = None) -> Callable[[Line], Spoken | None]:
    """Return what says a line with the volunteer's take, fitted; None for a line that nobody has read."""
    double = voice_double(folder, voicing, title, bend)

    def spoken(line: Line) -> Spoken | None:
        try:
            return double.speak(line, 0)
        except VeilError:
            return None

    return spoken


def kept_takes(folder: Path) -> tuple[Kept, ...]:
    """Return the takes in a folder of the case; raise VeilError when the list of them is damaged."""
    path = folder / "takes.json"
    if not path.is_file():
        return ()
    try:
        return tuple(
            Kept(text, parse_clock(at), Path(file).name) for text, at, file in json.loads(path.read_text("utf-8"))
        )
    except (OSError, TypeError, ValueError) as error:
        raise VeilError(
            "the list of takes in the case is damaged", "hand them in again with `veil voice takes`"
        ) from error


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _wav(sound: Sound) -> bytes:
    """Return 16-bit mono WAV: sound, and no word of where, when or with what it was recorded."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(np.round(np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return out.getvalue()
