"""Agreement: in which case, number and sex a Russian name stands, and the same of the alias that takes its place."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from veil.disguise.words import declension
from veil.disguise.words.contract import Find
from veil.disguise.words.declension import CASES, Case, Gender
from veil.disguise.words.spelling import like, tokens

_GOVERNED: dict[str, tuple[Case, ...]] = {
    **dict.fromkeys(("к", "ко", "благодаря", "навстречу", "вопреки"), ("datv",)),
    "по": ("datv",),
    **dict.fromkeys(
        "у от до без из для около после возле мимо против вместо кроме из-за из-под среди ради ото изо вокруг насчет"
        " насчёт напротив недалеко близ помимо".split(),
        ("gent",),
    ),
    **dict.fromkeys(("о", "об", "обо", "при"), ("loct",)),
    **dict.fromkeys(("в", "во", "на"), ("loct", "accs")),
    **dict.fromkeys(("за", "под", "подо"), ("ablt", "accs")),
    **dict.fromkeys(("с", "со"), ("ablt", "gent")),
    **dict.fromkeys(("над", "перед", "между", "передо", "рядом"), ("ablt",)),
    **dict.fromkeys(("про", "через", "сквозь", "обо"), ("accs", "loct")),
}  # fmt: skip
_UD: dict[str, Case] = {
    "Nom": "nomn", "Gen": "gent", "Dat": "datv", "Acc": "accs", "Ins": "ablt", "Loc": "loct",
}  # fmt: skip
_PYMORPHY: dict[str, Case] = {c: c for c in CASES} | {"gen2": "gent", "loc2": "loct", "acc2": "accs", "voct": "nomn"}


@dataclass(frozen=True)
class Standing:
    """How a word stands in its sentence."""

    case: Case
    gender: Gender


class Grammar:
    """Reads cases in their sentence with slovnet's morphology; belongs to one thread, as its net does."""

    def __init__(self, net: Any) -> None:
        self._net = net

    def case_at(self, text: str, start: int) -> tuple[Case | None, str]:
        """Return the case that the net reads at a character, and the gender, "" where it reads none."""
        words = tokens(text)
        pieces = [w.text for w in words]
        index = next((i for i, w in enumerate(words) if w.start <= start < w.end), None)
        if index is None:
            return None, ""
        first = max(0, index - 25)
        feats = self._read(tuple(pieces[first : index + 15]))[index - first]
        return _UD.get(feats.get("Case", "")), {"Masc": "masc", "Fem": "femn"}.get(feats.get("Gender", ""), "")

    @lru_cache(maxsize=256)  # noqa: B019  there is one grammar; it lives as long as the process
    def _read(self, words: tuple[str, ...]) -> tuple[dict[str, str], ...]:
        titled = list(words)
        markup = next(self._net.map([titled]))
        return tuple(dict(t.feats) for t in markup.tokens)


def agreed(grammar: Grammar, text: str, find: Find, alias: str) -> str:
    """Return `alias`, given in its first form, as text[find.start:find.end] stands in its sentence."""
    said = text[find.start : find.end]
    if find.kind == "date":
        return _season(alias, text[: find.start]) if not text[find.start :].lower().startswith("в ") else alias
    if find.kind in {"age", "phone", "address", "paper", "plate", "account", "other"}:
        return alias.lower() if said.islower() else alias
    if owned := _possessive(find, said, alias):
        return like(owned, said) if not said.islower() else owned.lower()
    standing = _standing(grammar, text, find)
    new = _inflected(find, alias, standing)
    return new.lower() if said.islower() else new.upper() if len(said) > 3 and said.isupper() else new


def _season(alias: str, before: str) -> str:
    """Return a season behind its preposition: «весной», but «до весны»."""
    words = tokens(before)
    cases = _GOVERNED.get(words[-1].low, ()) if words and before.endswith(" ") else ()
    season = {"зимой": "зима", "весной": "весна", "летом": "лето", "осенью": "осень"}.get(alias)
    if not cases or season is None or words[-1].low in {"с", "в"}:
        return (
            {"зима": "зимы", "весна": "весны", "лето": "лета", "осень": "осени"}[season] if season and cases else alias
        )
    return described(season, cases[0])


def _standing(grammar: Grammar, text: str, find: Find) -> Standing:
    """Return case and gender: by the form, then by the preposition, then by the net."""
    said = re.split(r"\s", text[find.start : find.end].lower().replace("ё", "е"))[0]
    possible = _possible(find, said)
    governed = _governed(text, find.start)
    narrowed = [s for s in possible if s.case in governed] if governed else [s for s in possible if s.case != "loct"]
    beside = _apposition(text, find.start, said, find)
    narrowed = [s for s in narrowed if s.case in beside] or narrowed if beside else narrowed
    narrowed = narrowed or possible or [Standing(c, _gender(find)) for c in governed or CASES]
    if find.sex and find.kind != "place":
        own = [s for s in narrowed if s.gender == _gender(find)]
        narrowed = own or narrowed
    if len({(s.case, s.gender) for s in narrowed}) == 1:
        return narrowed[0]
    case, gender = grammar.case_at(text, find.start)
    for wanted in (
        [s for s in narrowed if s.case == case and s.gender == gender],
        [s for s in narrowed if s.case == case],
    ):
        if wanted:
            return wanted[0]
    return narrowed[0]


def _apposition(text: str, start: int, said: str, find: Find) -> frozenset[Case]:
    """Return the cases of the person's noun right before, with which a name agrees: «сестре Патимат»."""
    before = tokens(text[:start])
    if not before or text[before[-1].end : start] != " ":
        return frozenset()
    parses = [p for p in _dictionary().parse(before[-1].low) if p.is_known and p.tag.POS == "NOUN"]
    if find.kind == "place":
        towns = {"город", "село", "посёлок", "станица", "деревня", "аул", "республика"}
        if parses and parses[0].normal_form in towns and said == find.base.lower().replace("ё", "е"):
            return frozenset({"nomn"})
        return frozenset()
    if parses and "anim" in parses[0].tag and not any(t in parses[0].tag for t in ("Surn", "Patr")):
        return frozenset(_PYMORPHY[str(p.tag.case)] for p in parses if str(p.tag.case) in _PYMORPHY)
    return frozenset()


def _possible(find: Find, said: str) -> list[Standing]:
    """Return every standing in which the first form of what was found looks as it does here."""
    base = find.base.lower().replace("ё", "е")
    rows: list[tuple[Gender, dict[Case, str]]] = []
    genders: tuple[Gender, ...] = ("masc", "femn") if not find.sex else (_gender(find),)
    if find.kind in {"given name", "nickname"}:
        rows = [(g, declension.name(base, g)) for g in genders]
        rows += [("plur", _plural(base))]
    elif find.kind == "surname":
        rows = [(g, declension.surname(base, g)) for g in ("masc", "femn", "plur")]
    elif find.kind == "patronymic":
        rows = [(g, declension.patronymic(base, g)) for g in ("masc", "femn")]
    else:
        rows = [declension.place(base)]
    found = [Standing(case, g) for g, row in rows for case, form in row.items() if form.replace("ё", "е") == said]
    return found or _by_dictionary(find, said)


def _by_dictionary(find: Find, said: str) -> list[Standing]:
    found = []
    for parse in _dictionary().parse(said):
        case = _PYMORPHY.get(str(parse.tag.case))
        if case and parse.tag.POS in {"NOUN", "ADJF"} and (find.kind == "place" or "inan" not in parse.tag):
            gender: Gender = "plur" if parse.tag.number == "plur" and find.kind != "place" else _gender(find)
            found.append(Standing(case, gender))
    return list(dict.fromkeys(found))


def _plural(base: str) -> dict[Case, str]:
    stem = base[:-1] if base[-1:] in "аяьй" else base
    soft = base[-1:] in "яьй"
    first = "и" if soft or stem[-1:] in "гкхжшчщ" else "ы"
    a = "я" if soft else "а"
    gent = stem if base[-1:] == "а" else stem + ("ь" if base[-1:] == "я" else "ев" if base[-1:] == "й" else "ов")
    ends = (stem + first, gent, stem + a + "м", gent, stem + a + "ми", stem + a + "х")
    return dict(zip(CASES, ends, strict=True))


def _governed(text: str, start: int) -> tuple[Case, ...]:
    """Return the cases that the preposition before asks for, other names and adjectives between; () where is none."""
    before = tokens(text[:start])
    for distance, word in enumerate(reversed(before[-4:])):
        tail = text[word.end : before[len(before) - distance].start] if distance else text[word.end : start]
        if re.search(r"[.,;:!?()—–]", tail):
            return ()
        if word.low in _GOVERNED:
            return _GOVERNED[word.low]
        if not _qualifies(word.low):
            return ()
    return ()


@lru_cache(maxsize=4096)
def _qualifies(low: str) -> bool:
    """Tell whether a word may stand between a preposition and a name that it governs: my, old, brother, Ivan."""
    parses = _dictionary().parse(low)
    best = parses[0]
    return bool(
        best.tag.POS in {"ADJF", "PRTF"}
        or any(t in best.tag for t in ("Name", "Surn", "Patr", "Apro"))
        or ("anim" in best.tag and best.tag.POS == "NOUN")
        or best.normal_form in {"город", "село", "посёлок", "поселок", "станица", "республика", "область", "район"}
    )


def _gender(find: Find) -> Gender:
    return "femn" if find.sex == "woman" else "masc"


def _inflected(find: Find, alias: str, standing: Standing) -> str:
    """Return the alias in a standing."""
    case, gender = standing.case, standing.gender
    if " " in alias or find.kind == "organisation" or alias.islower():
        return described(alias, case)
    if find.kind == "surname":
        return declension.surname(alias, gender)[case]
    if find.kind == "patronymic":
        return declension.patronymic(alias, gender)[case]
    if find.kind == "place":
        return declension.place(alias)[1][case]
    if gender == "plur":
        return _plural(alias)[case]
    own: Gender = "femn" if find.sex == "woman" else "masc"
    return declension.name(alias, own)[case]


def described(words: str, case: Case) -> str:
    """Return a description such as «другая страна» in a case; words behind a preposition stay."""
    done: list[str] = []
    parts = words.split(" ")
    nouns = [(i, found) for i, p in enumerate(parts) if (found := _parse(p, "NOUN")) is not None]
    if not nouns:
        return words
    noun, head = nouns[0]
    for i, part in enumerate(parts):
        parse = head if i == noun else _parse(part, "ADJF") if i < noun else None
        if parse is None:
            done.append(part)
            continue
        wanted = {case, "sing"}
        if i != noun:
            wanted |= {head.tag.gender}
        if case == "accs" and i != noun and head.tag.gender == "masc":
            wanted = {"nomn", "sing", "masc"}
        form = parse.inflect(wanted)
        done.append(str(form.word) if form else part)
    return " ".join(done)


def _parse(word: str, pos: str) -> Any | None:
    return next(
        (p for p in _dictionary().parse(word) if pos == p.tag.POS and "nomn" in p.tag and p.tag.number == "sing"), None
    )


def _possessive(find: Find, said: str, alias: str) -> str | None:
    """Return what belongs to the alias where the text says what belongs to a person: «Гришина мать»."""
    low = said.lower().replace("ё", "е")
    stem = declension.possessive(find.base.lower().replace("ё", "е"))
    if find.kind not in {"given name", "nickname"} or stem is None or not low.startswith(stem):
        return None
    endings = {end for end, form in declension.possessive_forms(stem) if form == low}
    if not endings:
        return None
    own = declension.possessive(alias)
    return own + endings.pop() if own else declension.name(alias, "masc")["gent"]


@lru_cache(maxsize=1)
def _dictionary() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer()
