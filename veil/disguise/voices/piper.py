"""Other synthetic voices, in Piper's format (VITS in ONNX, with a .onnx.json beside it), from a path the user names.

Such a voice is somebody's: the person's who lent it when it was made. English is read by hibari's rules; any other
language needs the program `espeak-ng`, which Piper's voices were made with.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from veil.disguise.voices.reading import PAUSES, Reading, read_aloud
from veil.disguise.voices.saying import Asked, said
from veil.errors import VeilError
from veil.models import onnx_session
from veil.models.graphs import INT64, Entry, part_of
from veil.models.packages import NET_ERRORS, Session
from veil.nouns.speech import Line, Said, Sound, Spoken, Stress
from veil.nouns.voicing import Speech

_LENGTHS = "/Ceil_output_0"  # as Piper's own exporter names it
_STILL = np.array([0.0, 1.0, 0.0], np.float32)  # noise, length, noise of lengths: none, so that it says the same twice
_ESPEAK_S = 20
_BROKEN: tuple[type[Exception], ...] = (OSError, ValueError, *NET_ERRORS)
_NO_NET = "the voice is no net in Piper's format"
_NAME_ANOTHER = "name the .onnx file of a voice that Piper's own exporter wrote"
_AS_ESPEAK = {
    "A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ", "ʤ": "dʒ", "ʧ": "tʃ", "ᵊ": "ə", "ᵻ": "ɪ",
    "T": "ɾ", "i": "iː", "u": "uː", "ɑ": "ɑː", "ɔ": "ɔː", "ɜ": "ɜː",
}  # fmt: skip


@dataclass(frozen=True)
class _Config:
    """What stands in the .onnx.json."""

    rate_hz: int
    numbers: Mapping[str, Sequence[int]]
    speakers: int
    language: str


class Piper:
    """A voice from a file; see `Voice`."""

    by: Speech = "revoice"
    nobodys = False
    frame = 256  # samples
    ahead_s = 0.0

    def __init__(self, path: Path, language: str = "") -> None:
        """Load the voice; raise VeilError when it is no voice of Piper's, or not of the language that is spoken."""
        self.name = "a voice in Piper's format"
        self._config = _read_config(path)
        if language and language.split("-", maxsplit=1)[0].lower() != self._config.language:
            raise VeilError(
                "the voice in Piper's format speaks another language than the film",
                "name a voice of the film's language, or set `language` in the plan",
            )
        self.rate_hz = self._config.rate_hz
        if self._config.language != "en":
            _espeak()
        self._lengths, self._sound = _read_nets(path, self._config)

    def speak(self, line: Line, seed: int) -> Spoken:
        """Return the line in this voice; see `Voice.speak`."""
        if self._config.language == "en":
            reading = as_espeak(read_aloud(line.words))
        else:
            reading = read_by_espeak(line.words, self._config.language)
        return said(self, _among(reading, self._config.numbers), line, seed)

    def asked(self, reading: Reading) -> Asked:
        """Return how long each symbol would be; see `Engine`.

        Between all symbols Piper puts a blank; its length is counted to the symbol before it.
        """
        (lengths,) = self._lengths(self._fed(reading))
        folded, counts = self._folded(reading, lengths.ravel())
        folded[0] = max(folded[0], 4.0)
        return Asked(reading, folded, counts)

    def sounded(
        self,
        asked: Asked,
        frames: NDArray[np.int64],
        stress: Sequence[Stress],  # noqa: ARG002  (length and loudness only)
        random: np.random.Generator,  # noqa: ARG002  (its noise is off)
    ) -> Sound:
        """Return the sound; see `Engine`."""
        shares = np.zeros(int(asked.notes.sum()), np.float32)
        ends = np.cumsum(asked.notes)
        for end, count, length in zip(ends, asked.notes, frames, strict=True):
            begun = end - count
            for place in range(count):  # whole frames, as even as can be, the symbol itself first
                shares[begun + place] = (length + count - 1 - place) // count
        (sound,) = self._sound({**self._fed(asked.reading), _LENGTHS: shares[None, None]})
        return np.asarray(sound, np.float32).ravel()

    def _ids(self, reading: Reading) -> list[list[int]]:
        """Return the ids for the beginning, each symbol and the end, with the blanks behind them."""
        numbers = self._config.numbers
        blank = list(numbers["_"])
        symbols = [[part for number in numbers[s] for part in (number, *blank)] for s in reading.symbols]
        return [[*numbers["^"], *blank], *symbols, [*numbers["$"]]]

    def _fed(self, reading: Reading) -> dict[str, NDArray[Any]]:
        ids = np.array([[number for group in self._ids(reading) for number in group]], np.int64)
        fed: dict[str, NDArray[Any]] = {
            "input": ids,
            "input_lengths": np.array([ids.shape[1]], np.int64),
            "scales": _STILL,
        }
        return fed | ({"sid": np.zeros(1, np.int64)} if self._config.speakers > 1 else {})

    def _folded(self, reading: Reading, lengths: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        counts = np.array([len(group) for group in self._ids(reading)], np.int64)
        if len(lengths) != counts.sum():
            raise VeilError("the voice in Piper's format says nothing of lengths", "name another voice in the plan")
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        return np.add.reduceat(lengths.astype(np.float64), starts), counts


def as_espeak(reading: Reading) -> Reading:
    """Return a reading in misaki's alphabet in that of espeak-ng, as nearly as may be."""
    symbols = ""
    owners: list[int] = []
    for symbol, owner in zip(reading.symbols, reading.owners, strict=True):
        new = _AS_ESPEAK.get(symbol, symbol)
        if symbol == "ɹ" and symbols.endswith("ə"):
            symbols, new = symbols[:-1], "ɚ"
            owners.pop()
        symbols += new
        owners += [owner] * len(new)
    return Reading(symbols, tuple(owners))


def read_by_espeak(words: Sequence[Said], language: str) -> Reading:
    """Return how espeak-ng pronounces the words; raise VeilError where the program or the language is missing."""
    bare = ["".join(c for c in word.text if c.isalnum() or c in "'-").strip("'-") for word in words]
    spoken = [index for index, text in enumerate(bare) if any(c.isalnum() for c in text)]
    lines = _run_espeak("\n".join(bare[index] for index in spoken), language).splitlines() if spoken else []
    sounds = dict(zip(spoken, (line.strip() for line in lines if line.strip()), strict=False))
    if len(sounds) != len(spoken):
        sounds = {index: " ".join(_run_espeak(bare[index], language).split()) for index in spoken}
    symbols = ""
    owners: list[int] = []
    for index, word in enumerate(words):
        stops = "".join(c for c in word.text if c in PAUSES)[-1:]
        sound = sounds.get(index, "") + (stops or ("," if word.pause_s > 0 else ""))
        if index not in sounds:
            continue
        sound = (" " if symbols else "") + sound
        symbols += sound
        owners += [index] * len(sound)
    return Reading(symbols, tuple(owners))


def _run_espeak(text: str, language: str) -> str:
    try:
        done = subprocess.run(
            [_espeak(), "-q", "--ipa", "-v", language],
            input=text,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_ESPEAK_S,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise VeilError(
            "espeak-ng could not read a line", "install espeak-ng with its data for this language"
        ) from error
    return done.stdout


def _espeak() -> str:
    path = shutil.which("espeak-ng")
    if path is None:
        raise VeilError(
            "this voice needs the program espeak-ng, which is not installed",
            "install it (Debian and Ubuntu: apt install espeak-ng), or choose another voice in the plan",
        )
    return path


def _among(reading: Reading, numbers: Mapping[str, Sequence[int]]) -> Reading:
    """Return the reading with those symbols only that the voice knows."""
    kept = [(s, o) for s, o in zip(reading.symbols, reading.owners, strict=True) if s in numbers and s not in "_^$"]
    return Reading("".join(s for s, _ in kept), tuple(o for _, o in kept))


def _read_config(path: Path) -> _Config:
    beside = path.with_name(path.name + ".json")
    try:
        read = json.loads(beside.read_text("utf-8"))
        numbers = {str(s): [int(n) for n in ids] for s, ids in read["phoneme_id_map"].items()}
        language = str(read.get("language", {}).get("code") or read["espeak"]["voice"])
        config = _Config(
            int(read["audio"]["sample_rate"]), numbers, int(read.get("num_speakers", 1)), language[:2].lower()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise VeilError(
            "the voice has no settings in Piper's format beside it", "put its .onnx.json beside its .onnx"
        ) from error
    if not {"_", "^", "$"} <= numbers.keys() or not 8000 <= config.rate_hz <= 48_000:
        raise VeilError("the settings of the voice are not Piper's", "name another voice in the plan")
    return config


def _read_nets(path: Path, config: _Config) -> tuple[Session, Session]:
    fed = [Entry("input", INT64, 2), Entry("input_lengths", INT64, 1), Entry("scales")]
    fed += [Entry("sid", INT64, 1)] if config.speakers > 1 else []
    lengths = Entry(_LENGTHS, axes=3)
    try:
        whole = path.read_bytes()
        first, second = part_of(whole, fed, (lengths,)), part_of(whole, (*fed, lengths), (Entry("output", axes=4),))
        return _guarded(onnx_session(first)), _guarded(onnx_session(second))
    except _BROKEN as error:
        raise VeilError(_NO_NET, _NAME_ANOTHER) from error


def _guarded(session: Session) -> Session:
    """Return the net of a file that somebody named, whose failures are the file's."""

    def run(fed: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
        try:
            return session(fed)
        except NET_ERRORS as error:
            raise VeilError(_NO_NET, _NAME_ANOTHER) from error

    return run
