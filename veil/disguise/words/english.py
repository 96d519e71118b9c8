"""English: finds names, places and employers with spaCy's small net, lists, shapes and cues, with capitals or without.

What is written with a capital and is no ordinary word is taken for a name; in text without capitals, what is in no
dictionary is. The dictionary is that of spoken words that ships with the voice; the net only says what kind it is.
"""

import gzip
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from veil.disguise.words import gazetteer
from veil.disguise.words.contract import NAMING, Find, Kind, Part, Sex
from veil.disguise.words.cues_en import (
    ACTS,
    CALLED,
    EXTRA,
    HEADS,
    KIN,
    NOT_NAMES,
    ORGANISATION,
    PLACE_BEFORE,
    TITLES,
    VERBS,
    WORKED,
    organisations,
)  # fmt: skip
from veil.disguise.words.patterns import joined_places, shaped, untangled, with_initials
from veil.disguise.words.shapes_en import ENGLISH, STREET
from veil.disguise.words.spelling import Token, cased_words, key_of, like, tokens
from veil.models.packages import packaged_paths

_SURNAME = re.compile(r".{2,}(?:ov|ova|ev|eva|yov|yova|enko|chuk|shvili|dze|yan|ian|zade|skiy|sky|skaya|ski|iev|ieva)$")
_PATRONYMIC = re.compile(r".{2,}(?:ovich|evich|ovna|evna|yevich|yevna|ichna)$")
_KINDS: dict[str, Kind] = {
    "PERSON": "given name", "GPE": "place", "LOC": "place", "FAC": "organisation", "ORG": "organisation",
}  # fmt: skip


class English:
    """Reads English. One instance serves any number of films; the net belongs to one thread."""

    code = "en"

    def __init__(self) -> None:
        self._net = _net()
        self._words = _vocabulary()

    def find(self, text: str) -> tuple[Find, ...]:
        """Return what is found, in order, without overlaps."""
        words = tokens(text)
        cased = cased_words(text, words)
        first = set(_sentence_starts(text, words))
        names = [self._suspect(words, i, i in first, cased[i]) for i in range(len(words))]
        shown = _titled(text, words, [name and not c for name, c in zip(names, cased, strict=True)])
        entities = [(e.start_char, e.end_char, e.label_) for e in self._net(shown).ents]
        labels = _labels(words, entities)
        found = shaped(text, ENGLISH)
        found += organisations(text)
        found += _spanned(text, words, names, entities, cased)
        taken = list(untangled(found))
        finds = [self._named(words, i, labels[i], names) for i in range(len(words)) if names[i]]
        finds = joined_places(text, [f for f in finds if not any(f.meets(t) for t in taken)])
        return untangled([*with_initials(text, _streets(text, finds)), *taken])

    def forms(self, word: str) -> tuple[str, ...]:
        """Return the keys of a word and of what it may be the possessive or plural of."""
        bare = re.sub(r"['’]s?$", "", word)
        keys = [_cluster(key_of(bare))]
        keys.append(_manly(keys[0]))
        if bare.lower().endswith("s") and not _known(bare.lower()):
            keys.append(_cluster(key_of(bare[:-1])))
        return tuple(dict.fromkeys(k for k in keys if k))

    def ordinary(self, word: str) -> bool:
        """Tell whether a word without a capital is in the dictionary."""
        return self._ordinary(word.lower())

    def bare(self, word: str) -> bool:
        """Tell whether a word only holds sentences together."""
        return word.lower() in NOT_NAMES

    def place_in(self, text: str, find: Find, alias: str) -> str:
        """Return the alias with the capitals, and the possessive or plural, of what it stands for."""
        said = text[find.start : find.end]
        ending = re.search(r"(['’])s?$", said)
        if find.kind == "surname" and re.search(r"(?:ov|ev|in|sky)a?$", alias):
            alias = _womanly(alias) if find.sex == "woman" else alias
        if find.kind == "patronymic" and find.sex == "woman":
            alias = re.sub(r"vich$", "vna", alias)
        if alias.startswith(("a ", "an ")) and text[: find.start].rstrip().lower().endswith(
            (" the", " a", " an", " my", " our", " your", " his", " her", " their")
        ):
            alias = alias.split(" ", 1)[1]
        if alias.startswith("another ") and re.search(
            r"\b(?:the|this|that|our|my)\s+$", text[: find.start], re.IGNORECASE
        ):
            alias = alias.split(" ", 1)[1]
        shaped_alias = alias.lower() if said.islower() else like(alias, said) if said.isupper() else alias
        if ending:
            shaped_alias += ending[1] + ("" if shaped_alias.endswith("s") and ending[0] == ending[1] else "s")
        return shaped_alias

    def _suspect(self, words: Sequence[Token], i: int, first: bool, cased: bool) -> bool:
        """Tell whether a word may be a name; at the start of a sentence the net has the last word."""
        word = words[i]
        low = re.sub(r"'s?$", "", word.low)
        if len(low) < 2 or not any(c.isalpha() for c in low) or any(c.isdigit() for c in low):
            return False
        known = _known(low)
        if cued := self._cued(words, i, low, cased):
            return cued
        if cased and word.capital and low in _ambiguous():
            return not first or _acts(words, i)
        if low in NOT_NAMES or low in _allowed():
            return False
        if cased:
            return word.capital and (not first or not self._ordinary(low) or known)
        if word.capital and not first:  # somebody wrote it, in a line that a recogniser wrote without
            return True
        if known:
            return low not in _ambiguous() or self._beside(words, i, cased)
        return self._bears(words, i, low) or (not self._ordinary(low) and not self._compound(low))

    def _bears(self, words: Sequence[Token], i: int, low: str) -> bool:
        """Tell whether a word stands between a given name and what its bearer does: "omar cook told me"."""
        if i == 0 or i + 1 >= len(words) or words[i + 1].low not in ACTS or words[i].start - words[i - 1].end != 1:
            return False
        if low in ACTS or low.endswith(("ing", "ed", "ly", "self")):
            return False
        before = key_of(words[i - 1].text)
        return before in gazetteer.given_names() and words[i - 1].low not in _ambiguous()

    def _cued(self, words: Sequence[Token], i: int, low: str, cased: bool) -> bool:
        """Tell whether the words before say that a name follows: "my name is", "my brother", "called"."""
        before = [w.low for w in words[max(0, i - 4) : i]] if i and words[i].start - words[i - 1].end == 1 else []
        told = " ".join(before)
        if low in NOT_NAMES or (cased and not words[i].capital) or not before:
            return False
        if CALLED.search(told):
            short = len(low) < 3 and low not in _allowed() and key_of(low) not in {"i", "a"}
            return not low.endswith(("ing", "ed", "ly")) and (cased or _known(low) or short or not _function(low))
        if before[-1] in TITLES or (before[-1] in KIN and len(low) > 2):
            return (_known(low) and low not in VERBS) or (not self._ordinary(low) and low not in _allowed())
        return False

    def _beside(self, words: Sequence[Token], i: int, cased: bool) -> bool:
        """Tell whether an ambiguous name stands beside a word that is surely one, or after "in" as a place."""
        low = words[i].low
        if low in VERBS:
            return False
        if i > 1 and self._cued(words, i - 1, words[i - 1].low, cased):  # "his name was li wei"
            return True
        for j in (i - 1, i + 1):
            if 0 <= j < len(words):
                other = re.sub(r"'s$", "", words[j].low)
                if (_known(other) and other not in _ambiguous()) or (
                    _SURNAME.match(other) and not self._ordinary(other)
                ):
                    return True
        place = key_of(low) in gazetteer.places()
        return not cased and place and i > 0 and words[i - 1].low in PLACE_BEFORE

    def _ordinary(self, low: str) -> bool:
        """Tell whether a word, or what it is a form of, stands in the dictionary."""
        if low in self._words or low in EXTRA:
            return True
        for end, instead in (
            ("'s", ""), ("s", ""), ("es", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("er", ""),
            ("er", "e"), ("ies", "y"), ("ied", "y"), ("ly", ""), ("n't", ""), ("'ve", ""), ("'ll", ""), ("'d", ""),
            ("'re", ""), ("'m", ""), ("d", ""), ("est", ""), ("ness", ""), ("less", ""), ("ful", ""),
        ):  # fmt: skip
            if low.endswith(end) and len(low) > len(end) + 1:
                stem = low[: -len(end)] + instead
                if end == "d" and not stem.endswith("e"):  # "used", but not Haddad
                    continue
                if stem in self._words or (len(stem) > 3 and stem[-1] == stem[-2] and stem[:-1] in self._words):
                    return True
        american = low.replace("ise", "ize").replace("isa", "iza").replace("our", "or").replace("yse", "yze")
        if american != low and self._ordinary(american):
            return True
        return low.startswith(("un", "re", "non")) and low[2:].lstrip("n-") in self._words

    def _compound(self, low: str) -> bool:
        parts = [p for p in re.split(r"[-']", low) if p]
        return len(parts) > 1 and all(self._ordinary(p) or len(p) < 2 for p in parts)

    def _named(self, words: Sequence[Token], i: int, label: str, names: Sequence[bool]) -> Find:
        """Return the find of one word that is a name, or a part of one."""
        word = words[i]
        bare = re.sub(r"['’]s?$", "", word.text)
        key = key_of(bare)
        known = gazetteer.given_names().get(key)
        place = gazetteer.places().get(key)
        before = words[i - 1].low if i else ""
        follows = i > 0 and names[i - 1] and words[i].start - words[i - 1].end <= 1
        leads = i + 1 < len(words) and names[i + 1] and bool(_SURNAME.match(words[i + 1].low))
        place = None if known and leads else place
        kind = _kind(bare.lower(), known is not None, place is not None, label, before, follows)
        if not known and not place and not follows and WORKED.search(" ".join(w.low for w in words[max(0, i - 5) : i])):
            return Find(word.start, word.end, "organisation", key, bare)
        if kind == "place":
            where, key, _ = place or ("town", key, "")
            return Find(word.start, word.end, kind, key, bare, type=where)
        if kind == "given name":
            part: Part = known.part if known else "full"
            sex: Sex = known.sex if known else _guess(bare)
            if CALLED_NICK.search(" ".join(w.low for w in words[max(0, i - 4) : i])) and not known:
                kind = "nickname"
            return Find(
                word.start, word.end, kind, known.key if known else key, bare, part, sex, known.culture if known else ""
            )
        sex = "woman" if re.search(r"(?:ova|eva|ina|aya|vna)$", bare.lower()) else ""
        return Find(word.start, word.end, kind, _manly(key), bare, sex=sex, culture=_culture(bare))


CALLED_NICK = re.compile(r"\b(?:call(?:ed)? (?:me|him|her)|nicknamed|nickname (?:is|was))$")


def _kind(low: str, known: bool, place: bool, label: str, before: str, follows: bool) -> Kind:
    if _PATRONYMIC.match(low):
        return "patronymic"
    if (
        place
        and (not known or label in {"GPE", "LOC", "FAC", "ORG", ""} or before in PLACE_BEFORE)
        and not (follows and known)
    ):
        return "place"
    if known and not (follows and _SURNAME.match(low)):
        return "given name"
    if before in KIN or before in TITLES:
        return "surname" if before in TITLES or follows else "given name"
    if before in {"near", "in", "outside", "through", "into", "reached", "leaving", "via", "around"}:
        return "place"
    if before in {"from", "to", "of", "at", "towards"} and label != "PERSON":
        return "place"
    if _SURNAME.match(low) or (follows and label in {"PERSON", ""}):
        return "surname"
    return "place" if _KINDS.get(label, "given name") == "place" else "given name"


def _spanned(
    text: str,
    words: Sequence[Token],
    names: Sequence[bool],
    entities: list[tuple[int, int, str]],
    cased: Sequence[bool],
) -> list[Find]:
    """Return the employers and several-word places among what the net found, where a name is in them."""
    found = [f for i in range(len(words)) if names[i] and (f := _headed(text, words, i))]
    for one, other in pairwise(words):
        where = gazetteer.places().get(key_of(one.text + other.text))
        if where and other.start - one.end == 1 and one.low not in NOT_NAMES:
            found.append(Find(one.start, other.end, "place", where[1], text[one.start : other.end], type=where[0]))
    for start, end, label in entities:
        inner = [i for i, w in enumerate(words) if w.start >= start and w.end <= end]
        if not inner or not any(names[i] for i in inner):
            continue
        while inner and words[inner[0]].low in NOT_NAMES:
            inner = inner[1:]
        while inner and words[inner[-1]].low in NOT_NAMES:
            inner = inner[:-1]
        if not inner or not all(cased[i] or names[i] for i in inner):
            continue
        low, said = words[inner[-1]].low, text[words[inner[0]].start : words[inner[-1]].end]
        is_work = inner[0] > 0 and WORKED.search(" ".join(w.low for w in words[max(0, inner[0] - 4) : inner[0]]))
        if label in {"ORG", "FAC"} and (len(inner) > 1 or is_work):
            if low in HEADS or not any(_personal(words[i].low) or words[i].low in PLACE_BEFORE for i in inner):
                span, kind = (words[inner[0]].start, words[inner[-1]].end), ORGANISATION.get(low, "")
                found.append(Find(*span, "organisation", key_of(said), said, type=kind))
        elif label in {"GPE", "LOC"} and len(inner) > 1:
            where = gazetteer.places().get(key_of(said), ("town", key_of(said), ""))
            found.append(Find(words[inner[0]].start, words[inner[-1]].end, "place", where[1], said, type=where[0]))
    return found


def _streets(text: str, finds: Sequence[Find]) -> list[Find]:
    """Return finds with a name that a street bears made an address: "chekhov street"."""
    done = []
    for find in finds:
        street = STREET.match(text, find.end) if find.kind in {*NAMING, "place"} else None
        if street:
            said = text[find.start : street.end()]
            find = Find(find.start, street.end(), "address", key_of(said), said)  # noqa: PLW2901
        done.append(find)
    return done


def _personal(low: str) -> bool:
    low = re.sub(r"'s$", "", low)
    return _known(low) or bool(_PATRONYMIC.match(low)) or bool(_SURNAME.match(low))


def _headed(text: str, words: Sequence[Token], i: int) -> Find | None:
    """Return an employer that begins with a name and ends with what it is: "Grozny cement factory"."""
    if words[i].low.endswith("'s"):
        return None
    for last in (i + 1, i + 2):
        if last >= len(words) or words[last].start - words[last - 1].end != 1 or words[last].low in NOT_NAMES:
            return None
        if words[last].low in HEADS - {"house", "post", "times", "works", "group"}:
            said = text[words[i].start : words[last].end]
            return Find(
                words[i].start, words[last].end, "organisation", key_of(said), said, type=ORGANISATION[words[last].low]
            )
    return None


def _acts(words: Sequence[Token], i: int) -> bool:
    """Tell whether what follows a sentence's first word follows a name: "Will told", "Hope, his sister"."""
    after = words[i + 1] if i + 1 < len(words) else None
    if after is None or words[i].low.endswith("'s"):
        return True
    return after.low in ACTS or after.low.endswith("ed") or (after.capital and after.low != "i")


def _labels(words: Sequence[Token], entities: list[tuple[int, int, str]]) -> list[str]:
    return [next((label for start, end, label in entities if start <= w.start < end), "") for w in words]


def _titled(text: str, words: Sequence[Token], names: Sequence[bool]) -> str:
    """Return the text with capitals where names are suspected: the net knows nothing without."""
    letters = list(text)
    for word, name in zip(words, names, strict=True):
        if name and len(letters[word.start].upper()) == 1:
            letters[word.start] = letters[word.start].upper()
    return "".join(letters)


def _sentence_starts(text: str, words: Sequence[Token]) -> list[int]:
    return [
        i
        for i, w in enumerate(words)
        if i == 0 or re.search(r"[.!?…:\"“«\n]\s*[\"“«(]?$", text[words[i - 1].end : w.start])
    ]


def _known(low: str) -> bool:
    key = key_of(low)
    return key in gazetteer.given_names() or key in gazetteer.places()


def _cluster(key: str) -> str:
    known, place = gazetteer.given_names().get(key), gazetteer.places().get(key)
    return known.key if known else place[1] if place else key


def _manly(key: str) -> str:
    """Return the key of a surname or patronymic as a man bears it, so that brother and sister share one."""
    key = re.sub(r"(?<=[oe]v)a$|(?<=.in)a$", "", key)
    return re.sub(r"skaia$", "ski", re.sub(r"([oe])vna$", r"\1vich", key))


def _womanly(surname: str) -> str:
    return re.sub(r"sky$", "skaya", surname) if surname.endswith("sky") else surname + "a"


def _guess(name: str) -> Sex:
    return "woman" if name.lower().endswith(("a", "ya", "at", "ie", "een")) else "man"


def _culture(surname: str) -> str:
    return "" if _SURNAME.match(surname.lower()) or _PATRONYMIC.match(surname.lower()) else "en"


def _function(low: str) -> bool:
    return low in NOT_NAMES or low in _allowed() or len(low) < 3


@lru_cache(maxsize=1)
def _allowed() -> frozenset[str]:
    return frozenset(w.lower() for line in gazetteer.lines("allowed_en") for w in line.split())


@lru_cache(maxsize=1)
def _ambiguous() -> frozenset[str]:
    return frozenset(w for line in gazetteer.lines("ambiguous_en") for w in line.split())


@lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    """Return the ordinary English words: those that the lexicon of the shipped voice writes without a capital."""
    (path,) = packaged_paths("english_words", "disguise")
    return frozenset(w for w in json.loads(gzip.decompress(path.read_bytes())) if w.islower() and len(w) > 1)


@lru_cache(maxsize=1)
def _net() -> Any:
    """Load spaCy's recogniser of names and no more of its pipeline; takes about a second and 60 MB."""
    import spacy

    folder = packaged_paths("spacy_en", "disguise")[0].parent
    return spacy.load(folder, exclude=["tagger", "parser", "attribute_ruler", "lemmatizer", "senter"])
