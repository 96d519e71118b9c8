"""Recognisers of words: Whisper in faster-whisper's form, the one that ships or one that the user names; and Vosk."""

import hashlib
import importlib
import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from veil.errors import VeilError
from veil.hearing.words import Part, Recogniser
from veil.models import packaged_paths
from veil.nouns.speech import HEARING_HZ, Sound, Word
from veil.nouns.time import Span

_THREADS = 2
_BEAM = 5
_LATE_S = 0.09  # by which Whisper's times lag behind a forced alignment, in the median (measured on LibriVox and GRID)
_MOST_TOKENS = 220  # of 30 s: more is a stammer
_SHIPPED = "Whisper tiny.en (the recogniser that ships, English only)"


def recogniser_for(model: Path | None = None) -> Recogniser:
    """Return the recogniser that ships, or the one in the folder `model`; nothing is downloaded, ever.

    Raises VeilError when the folder holds no model that Veil can use.
    """
    if model is None:
        folder = packaged_paths("whisper_tiny_en", "hearing")[0].parent
        return Whisper(folder, _SHIPPED, "whisper_tiny_en", ("en",))
    if not model.is_dir():
        raise VeilError("there is no such folder with a model", "name the folder of a faster-whisper or Vosk model")
    if (model / "model.bin").is_file():
        _check_whole(model)
        return Whisper(model, "Whisper (a model that the user named)", _identity(model)).load()
    if (model / "am" / "final.mdl").is_file() or (model / "final.mdl").is_file():
        return Vosk(model, "Vosk (a model that the user named)", _identity(model))
    raise VeilError(
        "the folder holds no model that Veil can use",
        "give a folder in faster-whisper's form (model.bin, config.json, tokenizer.json) or in Vosk's (am/final.mdl)",
    )


def _check_whole(model: Path) -> None:
    """Raise VeilError where a file is missing for which the package would else go to the network."""
    if not (model / "tokenizer.json").is_file() or not (model / "config.json").is_file():
        raise VeilError(
            "the model is not whole: tokenizer.json or config.json is missing",
            "copy them into the folder from where the model came; Veil does not download anything",
        )


def _identity(model: Path) -> str:
    """Return what changes when a model does: the names, sizes and times of its files, hashed."""
    files = sorted(path for path in model.rglob("*") if path.is_file())
    told = [f"{path.relative_to(model)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


@dataclass
class Whisper:
    """A Whisper net in CTranslate2's form, run by faster-whisper on the processor (Radford et al. 2022)."""

    folder: Path
    made_by: str
    identity: str
    languages: tuple[str, ...] = ()
    _loaded: Any = None

    def load(self) -> "Whisper":
        """Read the net into memory, once; raise VeilError when it cannot be read."""
        from faster_whisper import BatchedInferencePipeline, WhisperModel

        if self._loaded is None:
            try:
                model = WhisperModel(
                    str(self.folder),
                    device="cpu",
                    compute_type="int8",
                    cpu_threads=min(_THREADS, os.cpu_count() or 1),
                    local_files_only=True,
                )
            except (RuntimeError, ValueError, OSError) as error:
                raise VeilError("the model cannot be loaded", "copy it again, or name another") from error
            self._loaded = BatchedInferencePipeline(model)
            self.languages = () if model.model.is_multilingual else ("en",)
        return self

    def recognise(self, sound: Sound, language: str) -> Part:
        if not len(sound):
            return Part(())
        self.load()
        told, about = self._loaded.transcribe(
            sound,
            language=language or None,
            beam_size=_BEAM,
            word_timestamps=True,
            vad_filter=False,
            max_new_tokens=_MOST_TOKENS,
            clip_timestamps=[{"start": 0.0, "end": len(sound) / HEARING_HZ}],
        )
        segments = list(told)
        if not segments:
            return Part(())
        words = _whole_words(
            (w.word, float(w.start) - _LATE_S, float(w.end) - _LATE_S, float(w.probability))
            for s in segments
            for w in s.words
        )
        text = "".join(s.text for s in segments).encode()
        return Part(
            words,
            float(np.mean([s.avg_logprob for s in segments])),
            float(np.mean([s.no_speech_prob for s in segments])),
            len(text) / max(1, len(zlib.compress(text))),
            str(about.language),
        )


def _whole_words(found: Iterable[tuple[str, float, float, float]]) -> tuple[Word, ...]:
    """Return words with their spans; what does not begin with a space belongs to the word before it (cold-hearted)."""
    words: list[Word] = []
    for text, start_s, end_s, sure in found:
        start, end = _instant(start_s), _instant(max(start_s, end_s))
        if words and not text.startswith(" ") and text.strip():
            last = words[-1]
            words[-1] = Word(
                last.text + text.strip(), Span(last.span.start, max(end, last.span.end)), min(last.sure, sure)
            )
        elif any(c.isalnum() for c in text):
            words.append(Word(text.strip(), Span(start, end), sure))
    return tuple(words)


def _instant(at_s: float) -> Fraction:
    return Fraction(max(0, round(at_s * 1000)), 1000)


@dataclass
class Vosk:
    """A Vosk model, where the package `vosk` is installed; its folder is one language, which the user states."""

    folder: Path
    made_by: str
    identity: str
    languages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if find_spec("vosk") is None:
            raise VeilError(
                "this is a Vosk model, and Vosk is not installed", "run `pip install vosk` where Veil is installed"
            )
        self._vosk: Any = importlib.import_module("vosk")
        self._vosk.SetLogLevel(-1)  # its messages name files
        try:
            self._model = self._vosk.Model(model_path=str(self.folder))
        except Exception as error:  # the package raises nothing narrower
            raise VeilError("the model cannot be loaded", "copy it again, or name another") from error

    def recognise(self, sound: Sound, language: str) -> Part:
        ear = self._vosk.KaldiRecognizer(self._model, HEARING_HZ)
        ear.SetWords(True)
        pcm = np.clip(np.round(sound * 32767), -32768, 32767).astype(np.int16).tobytes()
        blocks = (pcm[k : k + 8000] for k in range(0, len(pcm), 8000))
        told = [json.loads(ear.Result()) for block in blocks if ear.AcceptWaveform(block)]
        told.append(json.loads(ear.FinalResult()))
        words = tuple(
            Word(w["word"], Span(_instant(w["start"]), _instant(max(w["start"], w["end"]))), float(w["conf"]))
            for part in told
            for w in part.get("result", ())
        )
        sure = np.clip([w.sure for w in words], 1e-3, 1) if words else np.ones(1)
        return Part(words, likely=float(np.log(sure).mean()), language=language)
