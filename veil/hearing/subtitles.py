"""Reads subtitles (SRT, WebVTT, TTML) whatever their encoding, and lays them over what is spoken in a film."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from veil.errors import VeilError
from veil.hearing.ttml import ttml_cues
from veil.nouns.time import Instant, Span

_LARGEST = 20_000_000  # bytes
_ARROW = re.compile(
    r"^\s*((?:\d+:)?\d{1,2}:\d{1,2}(?:[.,]\d{1,3})?)\s*-->\s*((?:\d+:)?\d{1,2}:\d{1,2}(?:[.,]\d{1,3})?)"
)
_TAGS = re.compile(r"<[^<>\n]*>|\{[^{}\n]*\}")
_NOISES = re.compile(r"\[[^\]]*\]|^\s*\([^)]*\)\s*$|[♪♫#]+", re.MULTILINE)
_NAMED = re.compile(r"^\s*(?:[^\W\d_a-zа-яё]{2,}[.']?\s?){1,3}(?:\d+)?\s?:\s+(?=\S)", re.MULTILINE)  # ANNA: ...
_DASH = re.compile(r"^\s*[-–—‐]\s*", re.MULTILINE)

_BIN_S = 0.04
_MOST_SHIFT_S = 120
_STRETCHES = tuple(
    Fraction(a, b) for a, b in ((1, 1), (25, 24), (24, 25), (1001, 1000), (1000, 1001), (25025, 24000), (24000, 25025))
)
"""How far apart clocks of 24 and 25 frames a second run, and those slower by 1000 to 1001."""
FEW = 6  # cues: too few to tell by where they lie whether they belong to a film
_JUST_AS_WELL = 0.03  # of agreement: less is no reason to move anything
_ONE_TRY, _FEW_TRIES, _TRIED, _LEAST = 2.0, 2.8, 4.2, 0.15  # deviations by chance of so many tries; the least limit
_NEAR_BINS = 75  # three seconds: a shift that far is usual
_TOGETHER_S = 0.6
_INSIDE = 0.7  # of what is shown, at least, lies in the film


@dataclass(frozen=True)
class Cue:
    """What is shown at once, one speaker's part: plain text in one line."""

    span: Span
    text: str


@dataclass(frozen=True)
class Subtitles:
    """Cues in order of time; `skipped` counts those that cannot be read."""

    cues: tuple[Cue, ...]
    skipped: int = 0


@dataclass(frozen=True)
class Fit:
    """How subtitles lie over the speech of a film: their times times `stretch`, plus `shift_s`.

    `agreement` is the correlation of the two, -1 to 1 (phi); `limit` what it must reach to be believed.
    """

    stretch: Fraction
    shift_s: Fraction
    agreement: float
    limit: float

    @property
    def belongs(self) -> bool:
        return self.agreement >= self.limit

    @property
    def moved(self) -> bool:
        return self.stretch != 1 or abs(self.shift_s) > Fraction(1, 5)


def read_subtitles(path: Path) -> Subtitles:
    """Return the cues of a file of subtitles; raise VeilError when it is none."""
    try:
        if path.stat().st_size > _LARGEST:
            raise VeilError("the file of subtitles is too large", "give a text file: SRT, WebVTT or TTML")
        data = path.read_bytes()
    except OSError as error:
        raise VeilError("the file of subtitles cannot be read", "check the name and the folder") from error
    found = parse(decoded(data))
    if not found.cues:
        raise VeilError(
            "the file holds no subtitles that Veil can read", "give SRT, WebVTT or TTML with text and times"
        )
    return found


def parse(text: str) -> Subtitles:
    """Read SRT, WebVTT or TTML; cues are sorted, tags, names and noises in brackets are left out."""
    raw = ttml_cues(text) if re.search(r"<(?:\w+:)?tt[\s>]", text[:4000]) else list(_arrows(text))
    cues = [cue for span, said in raw if span is not None for cue in spoken(span, said)]
    cues.sort(key=lambda cue: cue.span)
    kept: list[Cue] = []
    for cue in cues:  # captions that roll show a line twice
        if not (kept and cue.text == kept[-1].text and cue.span.start - kept[-1].span.end < Fraction(1, 10)):
            kept.append(cue)
    return Subtitles(tuple(kept), sum(span is None for span, _ in raw))


def spoken(span: Span, text: str) -> list[Cue]:
    """Return what is said in a cue, a part for each dash: two who speak share the time by the length of their words."""
    plain = _TAGS.sub("", html.unescape(_TAGS.sub("", text)))
    plain = _NOISES.sub(" ", plain)
    lines = plain.splitlines()
    parts: list[str] = []
    for line in lines:
        fresh = bool(_DASH.match(line)) or not parts
        said = " ".join(_NAMED.sub("", _DASH.sub("", line)).split())
        parts = [*parts, said] if fresh else [*parts[:-1], f"{parts[-1]} {said}".strip()]
    parts = [part for part in parts if any(c.isalnum() for c in part)]
    letters = sum(len(part) for part in parts)
    cues, done = [], 0
    for part in parts:
        start, end = (span.start + span.length_s * Fraction(at, letters) for at in (done, done + len(part)))
        cues.append(Cue(Span(start, end), part))
        done += len(part)
    return cues


def _arrows(text: str) -> Iterable[tuple[Span | None, str]]:
    """Yield what stands under each line with an arrow, up to an empty line; None where its times make no sense."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = 0
    while at < len(lines):
        told = _ARROW.match(lines[at])
        at += 1
        if told is None:
            continue
        body: list[str] = []
        while at < len(lines) and lines[at].strip() and not _ARROW.match(lines[at]):
            body.append(lines[at])
            at += 1
        if at < len(lines) and _ARROW.match(lines[at]) and body and body[-1].strip().isdigit():
            body.pop()  # the number of the next one, without an empty line between
        start, end = (_instant(told[k]) for k in (1, 2))
        yield (Span(start, end) if start < end else None), "\n".join(body)


def _instant(text: str) -> Instant:
    whole = Fraction(0)
    for part in text.replace(",", ".").split(":"):
        whole = whole * 60 + Fraction(part)
    return whole


def decoded(data: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16, Windows-1251, KOI8-R, CP866 or Windows-1252, whichever fits best."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    if b"\0" in data[:2000]:  # UTF-16 without a mark: the high halves of its letters are small numbers
        even, odd = (sum(byte < 5 for byte in data[k:2000:2]) for k in (0, 1))
        return data.decode("utf-16-be" if even > odd else "utf-16-le", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    high = sum(byte >= 0x80 for byte in data)
    letters = sum(chr(byte).isalpha() for byte in data if byte < 0x80)
    if high < 0.3 * (high + letters):
        return data.decode("cp1252", "replace")
    return max((data.decode(name, "replace") for name in ("cp1251", "koi8-r", "cp866")), key=_russian)


def _russian(text: str) -> float:
    """Return how much a text looks like Russian: common small letters, and capitals only where words begin."""
    common = sum(text.count(c) for c in "оеаинтсрвл")
    inside = len(re.findall(r"[а-яёa-z][А-ЯЁ]", text))
    strange = sum(not (c.isascii() or "а" <= c.lower() <= "ё" or c in "«»—–…№„“”’" or c.isspace()) for c in text)
    return common - 3 * inside - 3 * strange


def fit(cues: Sequence[Cue], speech: Sequence[Span], end: Instant) -> Fit:
    """Return how cues lie best over the speech of a film that ends at `end`: where both begin and end together.

    All shifts up to two minutes and the stretches between the usual frame rates are tried; nothing is moved that fits
    as well as it is. The limit is what subtitles of other films reach by chance: the fewer cues and the more tries,
    the higher.
    """
    chance = 1 / np.sqrt(1.5 * max(1, len(cues)))  # about the deviation of the correlation of things unlike
    spoken_at = _mask([(float(s.start), float(s.end)) for s in speech], round(float(end) / _BIN_S) + 1)
    few = len(cues) < FEW
    alike = {stretch: _alike(cues, stretch, spoken_at) for stretch in (_STRETCHES[:1] if few else _STRETCHES)}
    middle = round(_MOST_SHIFT_S / _BIN_S)
    asis = float(alike[Fraction(1)][middle])
    stretch = max(alike, key=lambda s: float(alike[s].max()))
    if float(alike[Fraction(1)].max()) >= float(alike[stretch].max()) - _JUST_AS_WELL:
        stretch = Fraction(1)
    shift, best, limit = int(np.argmax(alike[stretch])) - middle, float(alike[stretch].max()), _TRIED * chance
    around = alike[Fraction(1)][middle - _NEAR_BINS : middle + _NEAR_BINS + 1]
    if best < limit and float(around.max()) >= _FEW_TRIES * chance:
        stretch, shift, best = Fraction(1), int(np.argmax(around)) - _NEAR_BINS, float(around.max())
        limit = _FEW_TRIES * chance
    if few or asis >= best - _JUST_AS_WELL or (best < limit and asis >= _ONE_TRY * chance):
        return Fit(Fraction(1), Fraction(0), asis, _LEAST if few else max(_LEAST, min(_ONE_TRY * chance, 0.5)))
    shift_s = shift * _BIN_S + _onsets_s(cues, speech, float(stretch), shift * _BIN_S)
    return Fit(stretch, Fraction(round(shift_s * 1000), 1000), best, max(_LEAST, limit))


def _onsets_s(cues: Sequence[Cue], speech: Sequence[Span], stretch: float, shift_s: float) -> float:
    """Return by how much later than its cue speech begins, in the median; 0 where hardly any begin together."""
    begins = np.array([float(s.start) for s in speech])
    away = [
        begins[np.argmin(np.abs(begins - at))] - at for c in cues for at in [float(c.span.start) * stretch + shift_s]
    ]
    close = [s for s in away if abs(s) <= _TOGETHER_S]
    return float(np.median(close)) if len(close) >= FEW else 0.0


def _alike(cues: Sequence[Cue], stretch: Fraction, spoken_at: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the correlation of cues and speech in the film for each shift from -`_MOST_SHIFT_S` to as much.

    Where a shift puts a good part of the cues outside the film, it is -1.
    """
    most, bins = round(_MOST_SHIFT_S / _BIN_S), len(spoken_at)
    spans = [(float(c.span.start * stretch) + _MOST_SHIFT_S, float(c.span.end * stretch) + _MOST_SHIFT_S) for c in cues]
    shown = _mask(spans, max(bins, round(max(b for _, b in spans) / _BIN_S) + 1) + 2 * most)
    size = 1 << (len(shown) + bins).bit_length()
    both = np.fft.irfft(np.conj(np.fft.rfft(spoken_at, size)) * np.fft.rfft(shown, size), size)[: 2 * most + 1]
    sums = np.concatenate([[0.0], np.cumsum(shown, dtype=np.float64)])
    inside = sums[bins : bins + 2 * most + 1] - sums[: 2 * most + 1]
    spoken = float(spoken_at.sum())
    spread = spoken * (bins - spoken) * inside * (bins - inside)
    alike = (bins * both - spoken * inside) / np.sqrt(np.maximum(spread, 1e-9))
    alike[(inside < _INSIDE * shown.sum()) | (spread <= 0)] = -1
    return np.asarray(alike[::-1], np.float64)  # a later window sees cues moved earlier


def _mask(spans: Iterable[tuple[float, float]], bins: int) -> NDArray[np.float32]:
    mask = np.zeros(bins, np.float32)
    for start_s, end_s in spans:
        mask[round(start_s / _BIN_S) : round(end_s / _BIN_S)] = 1
    return mask


def moved(cues: Sequence[Cue], by: Fit, end: Instant) -> tuple[Cue, ...]:
    """Return cues where `by` puts them; those outside the film are left out."""
    found = []
    for cue in cues:
        start, stop = (at * by.stretch + by.shift_s for at in (cue.span.start, cue.span.end))
        if stop > 0 and start < end:
            found.append(Cue(Span(max(Fraction(0), start), min(stop, end)), cue.text))
    return tuple(found)


def language_of(cues: Sequence[Cue]) -> str:
    """Return the language of the letters: "ru" or "uk" where they are Cyrillic, else "", for many share the Latin."""
    text = " ".join(cue.text for cue in cues).lower()
    letters = sum(c.isalpha() for c in text)
    if not letters or sum("а" <= c <= "ѓ" or c == "ё" for c in text) < 0.5 * letters:
        return ""
    return "uk" if sum(text.count(c) for c in "іїєґ") > letters / 100 else "ru"
