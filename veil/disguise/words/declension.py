"""Declension: the six Russian cases of names, surnames, patronymics and places, by the rules of the school grammar.

Rules instead of a dictionary: an alias is drawn from lists that ship, whose words all follow them, and a stranger's
name in no dictionary follows them too (Zaliznyak, Grammatical Dictionary, the classes of proper names).
"""

from collections.abc import Iterator
from typing import Literal

Case = Literal["nomn", "gent", "datv", "accs", "ablt", "loct"]
CASES: tuple[Case, ...] = ("nomn", "gent", "datv", "accs", "ablt", "loct")
Gender = Literal["masc", "femn", "neut", "plur"]

_HUSH, _VELAR = "жшчщ", "гкх"
_FLEETING = {"лев": "льв", "пётр": "петр", "петр": "петр", "павел": "павл", "орёл": "орл"}
_FIXED_ENDS = ("о", "е", "и", "у", "ю", "э", "ы", "швили", "дзе", "ых", "их", "ко")
_SURNAME_ENDS = ("ов", "ев", "ёв", "ин", "ын")
_ADJECTIVES = {
    "masc": ("ого", "ому", "ого", "им", "ом"),
    "femn": ("ой", "ой", "ую", "ой", "ой"),
    "plur": ("их", "им", "их", "ими", "их"),
}


def name(word: str, gender: Gender, animate: bool = True) -> dict[Case, str]:
    """Return a given name, or any other noun of that shape, in every case."""
    low = word.lower()
    if gender == "femn" and low[-1] not in "аяь":
        return dict.fromkeys(CASES, word)
    if low.endswith(_FIXED_ENDS):
        return dict.fromkeys(CASES, word)
    if low[-1] in "ая":
        return _first(word)
    if low[-1] == "ь" and gender == "femn":
        stem = word[:-1]
        return _row(word, stem + "и", stem + "и", word, word + "ю", stem + "и")
    return _second(word, animate)


def surname(word: str, gender: Gender) -> dict[Case, str]:
    """Return a surname, given as a man's in the first case, in every case for a man, a woman or a family."""
    low = word.lower()
    if low.endswith(_SURNAME_ENDS):
        if gender == "femn":
            return _row(word + "а", *(word + end for end in ("ой", "ой", "у", "ой", "ой")))
        if gender == "plur":
            return _row(word + "ы", *(word + end for end in ("ых", "ым", "ых", "ыми", "ых")))
        return _row(word, *(word + end for end in ("а", "у", "а", "ым", "е")))
    if low.endswith(("ский", "цкий")):
        stem = word[:-2]
        first = {"femn": "ая", "plur": "ие"}.get(gender, "ий")
        ends = _ADJECTIVES["masc" if gender == "neut" else gender]
        return _row(stem + first, *(stem + end for end in ends))
    if gender in {"femn", "plur"} and low[-1] not in "ая":
        return dict.fromkeys(CASES, word)
    return name(word, gender)


def patronymic(word: str, gender: Gender) -> dict[Case, str]:
    """Return a patronymic, given as a man's in the first case, in every case for a man or a woman."""
    if gender == "femn":
        stem = word[:-2] + "н"  # -ович, -евич: -овн-, -евн-
        if not word.endswith(("ович", "евич")):
            stem = word[:-2] + "ичн"
        return _row(stem + "а", *(stem + end for end in ("ы", "е", "у", "ой", "е")))
    return _row(word, *(word + end for end in ("а", "у", "а", "ем", "е")))


def place(word: str) -> tuple[Gender, dict[Case, str]]:
    """Return gender and cases of a place called by one noun."""
    low = word.lower()
    if low.endswith(("ово", "ево", "ино", "ыно")):
        stem = word[:-1]
        return "neut", _row(word, *(stem + end for end in ("а", "у", "о", "ом", "е")))
    if low.endswith("ец"):
        stem = word[:-2] + ("ьц" if low[-3:-2] == "л" else "ц")  # Елец, в Ельце; Череповец, в Череповце
        return "masc", _row(word, stem + "а", stem + "у", word, stem + "ом", stem + "е")
    if low[-1] in "ая":
        return "femn", _first(word)
    if low[-1] == "ь" and not low.endswith(("поль", "славль", "иль")):
        return "femn", name(word, "femn")
    if low.endswith(_FIXED_ENDS):
        return "neut", dict.fromkeys(CASES, word)
    return "masc", _second(word, animate=False)


def possessive(word: str) -> str | None:
    """Return the stem of what belongs to somebody with a name in -а or -я: Гриша, Гришин; None for other names."""
    return word[:-1] + "ин" if word.lower()[-1:] in {"а", "я"} else None


def possessive_forms(stem: str) -> Iterator[tuple[str, str]]:
    """Yield (ending, form) of every form of «Гришин»: the endings are those of another stem as well."""
    for end in ("", "а", "о", "ы", "ого", "ой", "ому", "у", "ым", "ом", "ых", "ыми"):
        yield end, stem + end


def _first(word: str) -> dict[Case, str]:
    stem, last = word[:-1], stem_end(word)
    if word[-1] in "яЯ":
        soft = stem[-1:].lower() == "и"
        return _row(
            word, stem + "и", stem + ("и" if soft else "е"), stem + "ю", stem + "ей", stem + ("и" if soft else "е")
        )
    gent = "и" if last in _HUSH + _VELAR else "ы"
    ablt = "ей" if last in _HUSH + "ц" else "ой"
    return _row(word, stem + gent, stem + "е", stem + "у", stem + ablt, stem + "е")


def _second(word: str, animate: bool) -> dict[Case, str]:
    low = word.lower()
    if low in _FLEETING:
        stem = word[0] + _FLEETING[low][1:]
        return _row(word, *(stem + end for end in ("а", "у", "а", "ом", "е")))
    if low[-1] == "й":
        stem, last = word[:-1], "и" if low.endswith("ий") else "е"
        gent = stem + "я"
        return _row(word, gent, stem + "ю", gent if animate else word, stem + "ем", stem + last)
    if low[-1] == "ь":
        stem = word[:-1]
        gent = stem + "я"
        return _row(word, gent, stem + "ю", gent if animate else word, stem + "ем", stem + "е")
    gent = word + "а"
    ablt = "ем" if low[-1] in _HUSH + "ц" else "ом"
    return _row(word, gent, word + "у", gent if animate else word, word + ablt, word + "е")


def stem_end(word: str) -> str:
    """Return the last letter before a word's ending of one letter."""
    return word[-2:-1].lower()


def _row(*forms: str) -> dict[Case, str]:
    return dict(zip(CASES, forms, strict=True))
