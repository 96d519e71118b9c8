"""Signs to the viewer: a title card over the lower part of the picture, a small mark in a corner, subtitles.

They are laid over the picture; no frame is added, and none moves. They tell; they hide nobody.
"""

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from veil.errors import VeilError
from veil.nouns.picture import Box, Pixels
from veil.nouns.signals import Corner, Language
from veil.nouns.time import Instant, Span

SENTENCES: dict[Language, str] = {
    "en": "For their safety, people in this film have been digitally disguised.",
    "ru": "В целях безопасности внешность людей в этом фильме изменена цифровым способом.",
    "uk": "Задля безпеки зовнішність людей у цьому фільмі змінено цифровим способом.",
    "de": "Zu ihrem Schutz wurde das Aussehen von Menschen in diesem Film digital verändert.",
    "fr": "Pour leur sécurité, l’apparence de personnes dans ce film a été modifiée numériquement.",
    "es": "Por su seguridad, la apariencia de personas en esta película se ha modificado digitalmente.",
    "pt": "Para sua segurança, a aparência de pessoas neste filme foi alterada digitalmente.",
    "it": "Per la loro sicurezza, l’aspetto di persone in questo film è stato modificato digitalmente.",
    "pl": "Dla bezpieczeństwa wygląd osób w tym filmie został zmieniony cyfrowo.",
    "tr": "Güvenlikleri için bu filmdeki kişilerin görünümü dijital olarak değiştirilmiştir.",
}
"""What the card says, by language."""
_MARKS: dict[Language, str] = {
    "en": "digitally disguised",
    "ru": "внешность изменена",
    "uk": "зовнішність змінено",
    "de": "digital verändert",
    "fr": "apparence modifiée",
    "es": "apariencia modificada",
    "pt": "aparência alterada",
    "it": "aspetto modificato",
    "pl": "wygląd zmieniony",
    "tr": "görünüm değiştirildi",
}
_FADE_S = 0.6
_LINE = 1.42  # of the letters' size: from line to line
_SCRIM = 0.52  # how dark the ground behind the sentence is at most
_WIDE = 0.84  # of the picture's width that a sentence may take
_LETTERS = 0.043, 11  # of the picture's shorter side, and at least so many pixels
_MARK_LETTERS = 0.026, 10
_MOST_LINES, _TALL = 4, 0.4  # a sentence may take, and of the picture's height
_SMALLER, _LEAST_LETTERS_PX = 0.55, 6
_MARK_SHOWS = 0.8
_SUBTITLE_LETTERS, _SUBTITLE_WIDE = (0.05, 11), 0.9
_PLATE = 0.62  # how dark the plate behind a subtitle is
Alpha = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Sign:
    """Something drawn: white letters on a dark ground, each (H, W) 0..1, at an even `box` of the picture."""

    box: Box
    letters: Alpha
    ground: Alpha

    @property
    def written(self) -> Box:
        """Return where the letters are."""
        left, top, width, height = cv2.boundingRect((self.letters > 0).view(np.uint8))
        corner = self.box.left + left, self.box.top + top
        return Box(*corner, corner[0] + width, corner[1] + height)

    def over(self, patch: Pixels, opacity: float) -> Pixels:
        """Return the patch with the sign over it."""
        out = np.empty(patch.shape, np.uint8)
        _lay(patch, self.ground, self.letters, opacity, _WHITE, out)
        return out


_WHITE = np.array([240, 239, 236], np.float32)


@njit(cache=True, nogil=True, error_model="numpy")
def _lay(patch: Pixels, ground: Alpha, letters: Alpha, opacity: float, white: NDArray[np.float32], out: Pixels) -> None:
    """Write the patch into `out`, darker by the ground, with white letters on it."""
    for y in range(patch.shape[0]):
        for x in range(patch.shape[1]):
            dark, bright = opacity * ground[y, x], opacity * letters[y, x]
            if dark <= 0 and bright <= 0:
                for c in range(3):
                    out[y, x, c] = patch[y, x, c]
                continue
            for c in range(3):
                mixed = patch[y, x, c] * (1 - dark)
                out[y, x, c] = np.uint8(min(max(mixed + (white[c] - mixed) * bright + 0.5, 0.0), 255.0))


class Subtitles(Protocol):
    """Knows the subtitle of any instant."""

    def at(self, at: Instant) -> Sign | None:
        """Return what stands in the picture at an instant, if anything does."""
        ...


@dataclass(frozen=True, eq=False)
class Signs:
    """What is drawn over a film, and when; by default nothing ever."""

    card: Sign | None = None
    shown: Span = field(default_factory=lambda: Span(Instant(0), Instant(0)))  # of the card
    mark: Sign | None = None
    subtitles: Subtitles | None = None

    def at(self, at: Instant) -> list[tuple[Sign, float]]:
        """Return the signs that show at an instant, and how far each has come up, above 0 to 1."""
        up = self._card_up(at)
        signs = [(self.card, up)] if self.card is not None else []
        if self.mark is not None:
            hides = up if self.card is not None and self.card.box.shared_px(self.mark.box) else 0.0
            signs.append((self.mark, 1 - hides))
        subtitle = self.subtitles.at(at) if self.subtitles is not None else None
        signs += [(subtitle, 1.0)] if subtitle is not None else []
        return [(sign, opacity) for sign, opacity in signs if opacity > 0]

    def _card_up(self, at: Instant) -> float:
        if at not in self.shown:
            return 0.0
        rest = min(1.0, float(min(at - self.shown.start, self.shown.end - at)) / _FADE_S)
        return rest * rest * (3 - 2 * rest)


def check_text(text: str) -> None:
    """Raise VeilError when the built-in font would not draw this sentence as it is written."""
    if any(unicodedata.bidirectional(letter) in {"R", "AL", "AN"} for letter in text):
        raise VeilError(
            "the card's text runs from right to left, which Veil cannot draw yet",
            'write it in another script, or set card = "off" and put the card in yourself',
        )
    if any(ord(letter) < 32 for letter in text):
        raise VeilError("the card's text holds a sign that is no letter", "write it in one line, between quotes")
    missing = sorted({letter for letter in text if not letter.isspace() and letter != "?" and _unknown(letter)})
    if missing:
        raise VeilError(
            f"the built-in font has no {' '.join(missing)}, which the card's text needs",
            'write it in another script, or set card = "off" and put the card in yourself',
        )


@lru_cache(maxsize=512)
def _unknown(letter: str) -> bool:
    """Tell whether the font draws a letter as it draws what it does not know, or not at all."""
    mask = _letters(letter, 40)
    return not mask.any() or any(np.array_equal(mask, _letters(other, 40)) for other in ("?", "\ue123"))


@lru_cache(maxsize=16)
def _letters(letter: str, size: int) -> NDArray[np.uint8]:
    mask = np.zeros((2 * size, 2 * size), np.uint8)
    cv2.putText(mask, letter, (size // 2, round(1.4 * size)), (255,), _font(), size, 400)
    return mask


def card(text: str, width: int, height: int, *, above: bool = False) -> Sign:
    """Return the title card for a picture of that size: centred lines on a ground that grows darker to the edge.

    It lies at the picture's lower edge, or `above` at the upper one. Raises VeilError when the text does not fit.
    """
    size, lines = _set(text, width, height)
    tall = len(lines) * _LINE * size
    foot = 0.075 * height
    deep = round(foot + tall + 4 * size)
    box = _even(Box(0, 0, width, deep) if above else Box(0, height - deep, width, height), width, height)
    letters = np.zeros((box.height, box.width), np.float32)
    for number, line in enumerate(lines):
        line_px = _width(line, size)
        base = (foot if above else box.height - foot - tall) + (number + 0.8) * _LINE * size
        letters = np.maximum(letters, _drawn(line, (width - line_px) / 2, base, size, letters.shape))
    down = np.clip((np.arange(box.height, dtype=np.float32) + 0.5) / max(1.0, box.height - foot - tall / 2), 0, 1)
    down = down[::-1] if above else down
    ground = np.repeat((_SCRIM * down * down * (3 - 2 * down))[:, None], box.width, 1)
    return Sign(box, letters, _with_shade(ground, letters, size))


def _set(text: str, width: int, height: int) -> tuple[int, list[str]]:
    """Return the letters' size and the lines; where the usual size does not fit, a smaller one that can still be read.

    Raises VeilError when none does.
    """
    usual = _size(width, height, _LETTERS)
    for size in range(usual, max(_LEAST_LETTERS_PX, round(_SMALLER * usual)) - 1, -1):
        lines = _wrapped(text, size, _WIDE * width)
        fits = max(_width(line, size) for line in lines) <= _WIDE * width
        if fits and len(lines) <= _MOST_LINES and len(lines) * _LINE * size <= _TALL * height:
            return size, lines
    raise VeilError("the card's text is too long for the picture", "write a shorter sentence")


@lru_cache(maxsize=16)
def subtitle(lines: tuple[str, ...], width: int, height: int, foot_px: int, *, above: bool = False) -> Sign:
    """Return a subtitle for a picture of that size: centred lines, each on a soft dark plate, readable on any picture.

    Its lines end `foot_px` over the picture's lower edge, or begin so far below the upper one where it stands `above`.
    Raises VeilError when the picture is too small for the words.
    """
    size, lines = _fitted(lines, width, height)
    tall, rim = round(len(lines) * _LINE * size), round(0.8 * size)
    longest = round(max(_width(line, size) for line in lines))
    top, left = (foot_px if above else height - foot_px - tall), (width - longest) // 2
    box = _even(Box(left - rim, top - rim, left + longest + rim, top + tall + rim), width, height)
    letters, plate = np.zeros((box.height, box.width), np.float32), np.zeros((box.height, box.width), np.float32)
    for number, line in enumerate(lines):
        x, base = (width - _width(line, size)) / 2 - box.left, top - box.top + (number + 0.94) * _LINE * size
        letters = np.maximum(letters, _drawn(line, x, base - 0.12 * size, size, letters.shape))
        corner, end = (round(x - 0.35 * size), round(base - 1.2 * size)), round(x + _width(line, size) + 0.35 * size)
        cv2.rectangle(plate, corner, (end, round(base + 0.26 * size)), (_PLATE,), -1)
    soft = cv2.GaussianBlur(plate, (0, 0), max(1.0, 0.2 * size))
    return Sign(box, letters, _with_shade(np.asarray(soft, np.float32), letters, size))


def _fitted(lines: tuple[str, ...], width: int, height: int) -> tuple[int, tuple[str, ...]]:
    """Return the letters' size for a subtitle, and its lines: parted anew where the picture is narrow."""
    usual = _size(width, height, _SUBTITLE_LETTERS)
    for size in range(usual, max(_LEAST_LETTERS_PX, round(0.8 * usual)) - 1, -1):
        if max(_width(line, size) for line in lines) <= _SUBTITLE_WIDE * width:
            return size, lines
    for size in range(round(0.8 * usual), max(_LEAST_LETTERS_PX, round(_SMALLER * usual)) - 1, -1):
        anew = _wrapped(" ".join(lines), size, _SUBTITLE_WIDE * width)
        fits = max(_width(line, size) for line in anew) <= _SUBTITLE_WIDE * width
        if fits and len(anew) <= _MOST_LINES and len(anew) * _LINE * size <= _TALL * height:
            return size, tuple(anew)
    raise VeilError("the picture is too small for subtitles in it", 'write subtitles = "beside" into the plan')


def check_subtitle(text: str) -> None:
    """Raise VeilError when the built-in font would not draw these words; the error names none of them."""
    strange = any(unicodedata.bidirectional(letter) in {"R", "AL", "AN"} for letter in text)
    if strange or any(not letter.isspace() and letter != "?" and _unknown(letter) for letter in set(text)):
        raise VeilError(
            "the subtitles are in a script that Veil cannot draw into the picture yet",
            'write subtitles = "beside" into the plan: files beside the film can hold any script',
        )


def mark(corner: Corner, language: Language, width: int, height: int) -> Sign | None:
    """Return the small mark (a mask, and two words where they fit) for a picture; None where it is off."""
    if corner == "off":
        return None
    size = _size(width, height, _MARK_LETTERS)
    words, glyph = _MARKS[language], _mask_glyph(round(1.9 * size))
    wide = glyph.shape[1] + round(0.6 * size + _width(words, size))
    if wide > 0.6 * width:
        words, wide = "", glyph.shape[1]
    edge, rim = round(0.035 * min(width, height)), round(0.8 * size)  # the rim holds the shade around the letters
    down, across = corner.split()
    left = edge if across == "left" else width - edge - wide
    top = edge if down == "top" else height - edge - glyph.shape[0]
    outer = Box(left - rim, top - rim, left + wide + rim, top + glyph.shape[0] + rim)
    box = _even(outer, width, height)
    letters = np.zeros((box.height, box.width), np.float32)
    x, y = left - box.left, top - box.top
    letters[y : y + glyph.shape[0], x : x + glyph.shape[1]] = glyph
    if words:
        base = y + 0.5 * glyph.shape[0] + 0.34 * size
        letters = np.maximum(letters, _drawn(words, x + glyph.shape[1] + 0.6 * size, base, size, letters.shape))
    return Sign(box, _MARK_SHOWS * letters, _with_shade(np.zeros_like(letters), letters, size))


def _size(width: int, height: int, letters: tuple[float, int]) -> int:
    return max(letters[1], round(letters[0] * min(width, height)))


def _even(box: Box, width: int, height: int) -> Box:
    """Return the box within the picture, widened to whole chroma samples."""
    inside = box.clipped(width, height)
    right, bottom = inside.right + (inside.right & 1), inside.bottom + (inside.bottom & 1)
    return Box(inside.left & ~1, inside.top & ~1, min(width, right), min(height, bottom))


def _with_shade(ground: Alpha, letters: Alpha, size: int) -> Alpha:
    """Return the ground with a soft shade around the letters: they can be read on snow."""
    shade = cv2.GaussianBlur(letters, (0, 0), max(1.0, 0.28 * size))
    return np.asarray(1 - (1 - ground) * (1 - np.clip(1.3 * shade, 0, 0.62)), np.float32)


def _wrapped(text: str, size: int, most_px: float) -> list[str]:
    """Return the text in as few lines as fit, all about as long."""
    words = text.split()
    for count in range(1, len(words) + 1):
        lines = _in_lines(words, count, size)
        if all(_width(line, size) <= most_px for line in lines):
            return lines
    return words or [""]


def _in_lines(words: list[str], count: int, size: int) -> list[str]:
    """Return words in at most `count` lines, the longest as short as can be."""
    lengths = [_width(" ".join(words[i:j]), size) for i in range(len(words)) for j in range(i + 1, len(words) + 1)]
    for most in sorted(set(lengths)):
        lines: list[str] = []
        for word in words:
            if lines and _width(f"{lines[-1]} {word}", size) <= most:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        if len(lines) <= count:
            return lines
    return [" ".join(words)]


@lru_cache(maxsize=4096)
def _width(text: str, size: int) -> float:
    """Return how wide a line is, pixels; spaces at its ends count nothing."""
    if not text:
        return 0.0
    left, _, width, _ = cv2.getTextSize((0, 0), text, (0, 0), _font(), size, 400)
    return float(left + width)


def _drawn(text: str, x: float, base: float, size: int, shape: tuple[int, ...]) -> Alpha:
    mask = np.zeros(shape[:2], np.uint8)
    cv2.putText(mask, text, (round(x), round(base)), (255,), _font(), size, 400)
    return np.asarray(mask / np.float32(255), np.float32)


@lru_cache(maxsize=1)
def _font() -> cv2.FontFace:
    return cv2.FontFace("sans")


def _mask_glyph(tall: int) -> Alpha:
    """Return a half mask with two eye holes, (tall, 1.7 tall), 0..1, drawn fine and brought down."""
    fine = 8
    height, width = tall * fine, round(1.7 * tall) * fine
    glyph = np.zeros((height, width), np.uint8)
    across = np.linspace(-1, 1, 160)
    top = 0.2 + 0.1 * np.cos(across * np.pi) * (1 - 0.3 * np.abs(across)) - 0.1 * across**2
    nose = 0.3 * np.exp(-((across / 0.16) ** 2))
    bottom = 0.82 - nose - 0.36 * np.abs(across) ** 3.2
    ring = np.concatenate([np.stack([across, top], 1), np.stack([across, bottom], 1)[::-1]])
    ring = (ring * (0.48 * width, height) + (0.5 * width, 0)).round().astype(np.int32)
    cv2.fillPoly(glyph, [ring], 255)
    for side in (-1, 1):
        centre = round((0.5 + side * 0.225) * width), round(0.44 * height)
        cv2.ellipse(glyph, centre, (round(0.105 * width), round(0.1 * height)), side * 12, 0, 360, 0, -1)
    small = cv2.resize(glyph, None, fx=1 / fine, fy=1 / fine, interpolation=cv2.INTER_AREA)
    return np.asarray(small / np.float32(255), np.float32)
