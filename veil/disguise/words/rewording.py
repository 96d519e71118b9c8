"""Rewording: puts aliases into the words of phrases, and keeps times, marks and punctuation where they were."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from veil.disguise.words.coarser import COVERED
from veil.disguise.words.contract import Find, Tongue
from veil.disguise.words.spelling import cased_words, is_cased, tokens
from veil.nouns.speech import Phrase, Word
from veil.nouns.time import Span

MOST_WORDS = 120
"""So many words are read at once: enough to know what a name stands in, little enough for the nets."""


@dataclass(frozen=True)
class Slot:
    """Where one word lies in a passage: characters `start` to `end`; which phrase and which word in it."""

    start: int
    end: int
    phrase: int
    word: int


@dataclass(frozen=True)
class Passage:
    """What one speaker says in a row, as one text: a name may be split by a pause."""

    text: str
    slots: tuple[Slot, ...]
    speaker: str


_LEADING = (
    ("о", "об", "[аиоуэ]"), ("в", "во", "[вф][бвгджзклмнпрстфхцчшщ]|льв"), ("к", "ко", "льв"),
    ("с", "со", "[сзшж][бвгджзклмнпрстфхцчшщ]|щ|льв"), ("a", "an", "[aeiou]"),
)  # fmt: skip
"""What is said before a name in two ways: before most words, and before words that begin so."""
Becomes = Callable[[str, Find], str | None]
"""Takes the text of a passage and a find; returns what stands there instead, or None to keep it."""


def passages(phrases: Sequence[Phrase]) -> tuple[Passage, ...]:
    """Return the phrases as passages, in order; a word that the end of a phrase divides is one again."""
    done: list[Passage] = []
    text, slots, speaker = "", list[Slot](), ""
    for number, phrase in enumerate(phrases):
        if slots and (phrase.speaker != speaker or len(slots) + len(phrase.words) > MOST_WORDS):
            done.append(Passage(text, tuple(slots), speaker))
            text, slots = "", []
        speaker = phrase.speaker
        for index, word in enumerate(phrase.words):
            parted = index == 0 and re.search(r"\w[-‐‑]$", text) and word.text[:1].islower()  # Alek- | sandr
            text += " " if text and not parted else ""
            slots.append(Slot(len(text), len(text) + len(word.text), number, index))
            text += word.text
    return (*done, Passage(text, tuple(slots), speaker)) if slots else tuple(done)


def also_hidden(passage: Passage, found: Sequence[Find], known: dict[str, Find], tongue: Tongue) -> tuple[Find, ...]:
    """Return `found` with every other place where a word stands that is hidden elsewhere; `known` is by key.

    With capitals, an ordinary word without one is left: the hope, not Hope. Without capitals everything goes.
    """
    words = tokens(passage.text)
    more = []
    for token, cased in zip(words, cased_words(passage.text, words), strict=True):
        if any(f.start < token.end and token.start < f.end for f in found):
            continue
        for piece, start in _pieces(token.text, token.start):
            hit = next((known[k] for k in tongue.forms(piece) if k in known), None)
            if hit is not None and (hit.kind == "other" or _may_be_a_name(passage, cased, piece, token.start, tongue)):
                more.append(replace(hit, start=start, end=start + len(piece)))
                if len(piece) == len(token.text):
                    break
    return tuple(sorted((*found, *_apart(more)), key=lambda f: f.start))


def _may_be_a_name(passage: Passage, cased: bool, word: str, start: int, tongue: Tongue) -> bool:
    """Tell whether a word that is somebody's name elsewhere may be it here; in text without capitals it always may."""
    capital = word[:1].isupper()
    if cased and not capital and tongue.ordinary(word):
        return False
    within = capital and start > 0 and not re.search(r"[.!?…:»\"”]\s*[«\"„“—–-]*\s*$", passage.text[:start])
    return within or not tongue.bare(word)


def _pieces(text: str, start: int) -> list[tuple[str, int]]:
    """Return a word, then the parts of a word with hyphens: «Гриша-то», "Grozny-born"."""
    parts = [(m[0], start + m.start()) for m in re.finditer(r"[^\-‑]+", text)]
    return [(text, start)] if len(parts) < 2 else [(text, start), *parts]


def _apart(finds: list[Find]) -> list[Find]:
    kept: list[Find] = []
    for find in sorted(finds, key=lambda f: f.start - f.end):
        if not any(find.meets(other) for other in kept):
            kept.append(find)
    return kept


def reworded(
    phrases: Sequence[Phrase], read: Sequence[tuple[Passage, Sequence[Find]]], becomes: Becomes
) -> tuple[Phrase, ...]:
    """Return the phrases with what `becomes` says in the place of every find."""
    edits: dict[tuple[int, int], list[tuple[int, int, str]]] = {}
    for passage, finds in read:
        for find in finds:
            instead = becomes(passage.text, find)
            if instead is not None:
                if instead[:1].islower() and _begins(passage.text, find):
                    instead = instead[0].upper() + instead[1:]
                _edit(edits, passage, find, instead)
                _lead(edits, passage, find.start, instead)
    done = []
    for number, phrase in enumerate(phrases):
        texts = [_edited(word.text, edits.get((number, i), [])) for i, word in enumerate(phrase.words)]
        words = _refitted(phrase.words, texts)
        done.append(phrase.renamed(words))
    return tuple(done)


def _lead(edits: dict[tuple[int, int], list[tuple[int, int, str]]], passage: Passage, at: int, instead: str) -> None:
    """Note how the word before a find is said before what takes its place: «о Егоре» for «об Аслане», "an Omsk"."""
    slot = next((s for s in passage.slots if s.end + 1 == at), None)
    said = passage.text[slot.start : slot.end] if slot else ""
    new = leading(said, instead)
    if slot and new != said:
        edits.setdefault((slot.phrase, slot.word), []).append((0, len(said), new))


def leading(said: str, following: str) -> str:
    """Return a preposition or an article as it is said before a word: об, во, со, ко, an; any other word as it is."""
    word = next((pair for pair in _LEADING if said.lower() in pair[:2]), None)
    if word is None:
        return said
    new = word[1] if re.match(word[2], following, re.IGNORECASE) else word[0]
    return new.capitalize() if said[:1].isupper() else new


def _begins(text: str, find: Find) -> bool:
    """Tell whether a find begins a sentence, in a text that is written with capitals."""
    starts = find.start == 0 or re.search(r"[.!?]\s*[«\"„“]?$", text[: find.start]) is not None
    return starts and not text[find.start].islower() and is_cased(text)


def _edit(edits: dict[tuple[int, int], list[tuple[int, int, str]]], passage: Passage, find: Find, instead: str) -> None:
    """Note for every word of a find what becomes of it: the first gets all, in later phrases something is covered."""
    phrase = -1
    for slot in passage.slots:
        start, end = max(slot.start, find.start), min(slot.end, find.end)
        if start >= end:
            continue
        text = "" if slot.phrase == phrase else instead if phrase < 0 else COVERED
        phrase = slot.phrase
        edits.setdefault((slot.phrase, slot.word), []).append((start - slot.start, end - slot.start, text))


def _edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    for start, end, instead in sorted(edits, reverse=True):
        text = text[:start] + instead + text[end:]
    return text


def _refitted(words: Sequence[Word], texts: Sequence[str]) -> tuple[Word, ...]:
    """Return words for the texts: an empty one joins the word before, a long one is divided."""
    done: list[Word] = []
    for word, text in zip(words, texts, strict=True):
        if text == word.text:
            done.append(word)
        elif not any(c.isalnum() or c == COVERED for c in text) and done:
            before = done[-1]
            closing = text.strip()[-1:]
            joined = before.text.rstrip(",;:") + closing if closing else before.text
            span = Span(before.span.start, max(before.span.end, word.span.end))
            done[-1] = replace(before, text=joined, span=span, timed=False, pause_s=word.pause_s or before.pause_s)
        else:
            done += _divided(word, text.split() or [COVERED])
    return tuple(done)


def _divided(word: Word, texts: Sequence[str]) -> list[Word]:
    """Return several words in the place of one, each as long as it has letters; a pause stays behind the last."""
    if len(texts) == 1:
        return [replace(word, text=texts[0])]
    letters = [len(t) for t in texts]
    ends = [
        word.span.start + word.span.length_s * Fraction(sum(letters[: i + 1]), sum(letters)) for i in range(len(texts))
    ]
    starts = [word.span.start, *ends[:-1]]
    return [
        replace(word, text=t, span=Span(a, b), timed=False, pause_s=word.pause_s if i == len(texts) - 1 else 0.0)
        for i, (t, a, b) in enumerate(zip(texts, starts, ends, strict=True))
    ]
