"""How English is pronounced: the words of a line in the alphabet of speech sounds that Kokoro and hibari were taught.

hibari's rules and dictionaries do the work (misaki's, Apache-2.0); here every symbol learns whose word it is, and
whatever people write is made readable first: Cyrillic names, accents, odd signs, endless numbers.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from veil.disguise.voices.foreign import sounds_of
from veil.errors import VeilError
from veil.nouns.speech import Said

PAUSES = ",.!?;:—…"
"""What stands for a silence in a reading, however short."""
MARKS = "ˈˌ"
"""What stands before a stressed vowel."""
VOWELS = frozenset("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻᵊɐe")

_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ў": "w", "ӏ": "",
}  # fmt: skip
"""Cyrillic letters as English spells them (the way of the British standard BS 2979, simplified)."""
_SIGNS = str.maketrans(
    {"‘": "'", "’": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "«": '"', "»": '"', "„": '"'}
    | {"–": "-", "‑": "-", "−": "-", "‐": "-", "―": "—", "…": "…", "№": " number ", "×": " by ", "÷": " divided by "}
)
_LONG = 24  # letters; hibari's net for unknown words reads no more at once
_NAME = re.compile("(\\W*)([A-Z][a-z]+)('s)?(\\W*)")
_LONGEST = 100  # signs; nobody says such a word
_DIGITS = 12  # more in a row are read one by one
_KEPT = frozenset(".,!?;:'\"-—…$£€¥%&+@#/°()=*")


@dataclass(frozen=True)
class Reading:
    """A line as it is pronounced: symbols of misaki's alphabet, and for each the word it belongs to."""

    symbols: str
    owners: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.symbols) != len(self.owners):
            raise ValueError("every symbol belongs to a word")

    def pieces(self, most: int) -> Iterator["Reading"]:
        """Yield parts of at most `most` symbols, cut at the strongest stop that there is."""
        rest = self
        while len(rest.symbols) > most:
            cut = _cut(rest.symbols, most)
            yield Reading(rest.symbols[:cut], rest.owners[:cut])
            rest = Reading(rest.symbols[cut:], rest.owners[cut:])
        if rest.symbols.strip(" "):
            yield rest


def read_aloud(words: tuple[Said, ...], british: bool = False) -> Reading:
    """Return how the words are pronounced, with the marks for stress and pause heeded.

    Raises VeilError when a word is written in letters that cannot be read; words of signs alone stay silent.
    """
    written = [_plain(word.text) for word in words]
    text, owners = _normal(written)
    sounds = [""] * len(words)
    for owner, heard in _heard(text, owners, british):
        sounds[owner] += heard
    symbols: list[str] = []
    whose: list[int] = []
    for index, word in enumerate(words):
        sound = _marked(sounds[index].strip() or _spelled(written[index], british), word)
        if not sound:
            continue
        if symbols:
            sound = " " + sound
        symbols.append(sound)
        whose += [index] * len(sound)
    return Reading("".join(symbols), tuple(whose))


def _plain(text: str) -> str:
    """Return a word in letters, digits and signs that the rules know; raise VeilError for other letters."""
    text = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    if len(text) > _LONGEST:
        raise VeilError("a word is too long to be spoken", "put spaces into it, in the transcript")
    out = []
    for sign in text:
        latin = _LATIN.get(sign.lower())
        if latin is not None:
            out.append(latin.capitalize() if sign.isupper() else latin)
        elif sign.isascii():
            out.append(sign if sign.isalnum() or sign in _KEPT else " ")
        elif sign in _KEPT:
            out.append(sign)
        else:
            out.append(_bare(sign))
    plain = re.sub(rf"\d{{{_DIGITS},}}", lambda run: " ".join(run.group()), " ".join("".join(out).split()))
    return re.sub(rf"[A-Za-z]{{{_LONG}}}(?=[A-Za-z])", lambda run: run.group() + " ", plain)


def _bare(sign: str) -> str:
    """Return a letter of an extended Latin alphabet; "" for signs; raise VeilError for letters of other alphabets."""
    if unicodedata.name(sign, "").startswith("LATIN"):
        bare = "".join(c for c in unicodedata.normalize("NFKD", sign) if c.isascii() and c.isalpha())
        return bare or {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "ı": "i"}.get(sign.lower(), "")
    if unicodedata.category(sign).startswith("L"):
        raise VeilError(
            "a word is written in letters that the English voice cannot read",
            "write it in Latin letters in the transcript, as it sounds",
        )
    return str(unicodedata.digit(sign)) if unicodedata.category(sign) == "Nd" else ""


def _normal(written: list[str]) -> tuple[list[str], list[int]]:
    """Return the words as they are read out ("$5" as "5 dollars"), and which of the written ones each comes from.

    Times, dates and sums run over several words, so the line is read as a whole and compared with what was written.
    """
    from hibari.g2p.normalize import normalize

    before = [(part, index) for index, word in enumerate(written) for part in word.split()]
    after = str(normalize(" ".join(part for part, _ in before))).split()
    owners: list[int] = []
    matcher = SequenceMatcher(None, [part for part, _ in before], after, autojunk=False)
    for _, start, end, new_start, new_end in matcher.get_opcodes():
        for place in range(new_end - new_start):
            nearest = start + place * (end - start) // max(1, new_end - new_start)
            owners.append(before[min(nearest, len(before) - 1)][1])
    return after, owners


def _heard(words: list[str], owners: list[int], british: bool) -> Iterator[tuple[int, str]]:
    """Yield the sounds of the words, each with the word it belongs to."""
    rules = _rules(british)
    at = 0
    try:
        tokens = rules.phonemize_tokens(rules.tokenize(" ".join(_named(word, rules) for word in words)))
    except (IndexError, KeyError, ValueError, TypeError, AttributeError):  # of odd signs, in the rules themselves
        return
    for token in tokens:
        if at < len(owners):
            yield owners[at], (token.phonemes or "") + (" " if token.whitespace else "")
        at += bool(token.whitespace)


def _named(word: str, rules: Any) -> str:
    """Return a word, with its sounds beside it (as hibari reads them) where it is a name that English rules spoil."""
    parts = _NAME.fullmatch(word)
    if parts is None:
        return word
    before, name, own, after = parts.groups()
    known = any(
        words.get(form) for words in (rules.lexicon.golds, rules.lexicon.silvers) for form in (name, name.lower())
    )
    sounds = None if known else sounds_of(name)
    return word if sounds is None else f"{before}[{name}](/{sounds}{'z' if own else ''}/){after}"


def _spelled(written: str, british: bool) -> str:
    """Return a word that the rules made nothing of: by its letters, each piece alone."""
    rules = _rules(british)
    sounds = []
    for piece in re.findall(r"[A-Za-z]+|\d", written):
        try:
            sounds.append(rules(piece) or rules.oov(piece) or "")
        except (IndexError, KeyError, ValueError, TypeError, AttributeError):
            sounds.append(str(rules.lexicon.get_NNP(piece)[0] or ""))
    stops = "".join(sign for sign in written if sign in PAUSES)[-1:]
    return " ".join(sound for sound in sounds if sound) + stops


def _marked(sound: str, word: Said) -> str:
    """Return a word's sounds as a person marked them: stressed, unstressed, with a silence behind."""
    if word.stress == "strong":
        sound = _stressed(sound)
    elif word.stress == "soft":
        sound = sound.replace("ˌ", "").replace("ˈ", "ˌ")
    if word.pause_s > 0 and sound and sound[-1] not in PAUSES:
        sound += ","
    return sound


def _stressed(sound: str) -> str:
    if "ˈ" in sound:
        return sound
    if "ˌ" in sound:
        return sound.replace("ˌ", "ˈ", 1)
    return re.sub(f"([{''.join(sorted(VOWELS))}])", r"ˈ\1", sound, count=1)


def _cut(symbols: str, most: int) -> int:
    """Return where to cut: behind a full stop, a comma, a word; anywhere when there is none."""
    for stops in (".!?…", ",;:—", " "):
        places = [at for at in range(most // 3, most) if symbols[at] in stops]
        if places:
            return places[-1] + 1
    return most


@lru_cache(maxsize=2)
def _rules(british: bool) -> Any:
    from hibari.g2p import G2P

    return G2P(british=british)
