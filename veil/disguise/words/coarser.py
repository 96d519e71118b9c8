"""Coarser: what may stand in the place of a date, an age, an employer or a place, so that it fits many people.

It is a suggestion that stands in the review file; a person changes it there.
"""

import re

from veil.disguise.words.contract import Alias, Find
from veil.disguise.words.numbers import english_number, russian_number
from veil.disguise.words.spelling import tokens

COVERED = "…"
"""What stands where something is covered: subtitles show it, a voice is silent for it."""

_SEASONS_EN = ("winter", "spring", "summer", "autumn")
_SEASONS_RU = ("зимой", "весной", "летом", "осенью")
_MONTHS_EN = "january february march april may june july august september october november december".split()
_MONTHS_RU = "январ феврал март апрел ма июн июл август сентябр октябр ноябр декабр".split()
_TENS_EN = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TENS_RU = (
    "", "десяти", "двадцати", "тридцати", "сорока", "пятидесяти", "шестидесяти", "семидесяти", "восьмидесяти",
    "девяноста",
)  # fmt: skip
_NOMN_RU = (
    "",
    "десять",
    "двадцать",
    "тридцать",
    "сорок",
    "пятьдесят",
    "шестьдесят",
    "семьдесят",
    "восемьдесят",
    "девяносто",
)
_WORKPLACES = {
    "school": ("a school", "школа"), "university": ("a university", "университет"),
    "hospital": ("a hospital", "больница"),
    "theatre": ("a theatre", "театр"), "museum": ("a museum", "музей"), "shop": ("a shop", "магазин"),
    "café": ("a café", "кафе"), "club": ("a club", "клуб"), "hotel": ("a hotel", "гостиница"),
    "factory": ("a factory", "завод"), "bank": ("a bank", "банк"), "company": ("a company", "компания"),
    "fair": ("a fair", "ярмарка"), "newspaper": ("a newsroom", "редакция"), "charity": ("a charity", "фонд"),
    "court": ("a court", "суд"), "office": ("an office", "ведомство"), "mosque": ("a house of prayer", "мечеть"),
    "prison": ("a prison", "колония"), "stadium": ("a stadium", "стадион"), "farm": ("a farm", "ферма"),
    "house": ("a house", "дом"), "unit": ("a unit", "часть"),
}  # fmt: skip
_BY_RUSSIAN = {ru: Alias(ru, en) for en, ru in _WORKPLACES.values()} | {
    "гостиница": Alias("гостиница", "a hotel"), "газета": Alias("редакция", "a newsroom"),
    "суд": Alias("суд", "a court"), "часть": Alias("часть", "a unit"),
}  # fmt: skip


_WIDE = {
    "country": Alias("другая страна", "another country"), "region": Alias("другой край", "another region"),
}  # fmt: skip
_ANYWHERE = Alias("одна организация", "an organisation")


def in_language(words: str, language: str) -> str:
    """Return a description that is written here in one language in another; what is none of ours stays."""
    pairs = [(a.russian, a.english) for a in (*_WIDE.values(), _ANYWHERE, *_BY_RUSSIAN.values())]
    pairs += [*zip(_SEASONS_RU, (f"one {s}" for s in _SEASONS_EN), strict=True)]
    return next((ru if language == "ru" else en for ru, en in pairs if words in {ru, en}), words)


def coarser(find: Find, said: str, language: str) -> Alias | None:
    """Return what says less, in both languages where it depends on none; None where there is nothing coarser."""
    if find.kind == "organisation":
        return _workplace(find.type)
    if find.kind == "place" and find.type in {"country", "region"}:
        return _WIDE[find.type]
    if find.kind == "age":
        return _age(said, language)
    if find.kind == "date":
        return _date(find.type, said, language)
    return None


def _workplace(kind: str) -> Alias:
    if kind in _WORKPLACES:
        english, russian = _WORKPLACES[kind]
        return Alias(russian, english)
    return _BY_RUSSIAN.get(kind, _ANYWHERE)


def _age(said: str, language: str) -> Alias | None:
    read = english_number if language == "en" else russian_number
    numbers = [n.value for t in tokens(said) for word in (t.low, *t.low.split("-")) if (n := read(word)) is not None]
    if "летн" in said.lower():
        return (
            Alias("ещё молодой", "")
            if re.search(r"летн(?:ий|его|ему|им|ем)", said.lower())
            else Alias("ещё молодая", "")
        )
    low = said.lower()
    if not numbers:
        return None
    years = numbers[0] + (numbers[1] if len(numbers) > 1 and numbers[1] < 10 and numbers[0] % 10 == 0 else 0)
    old = " years old" if "year" in low else ""
    if years < 10:
        return Alias("до десяти лет" if low.startswith("в ") else "меньше десяти лет", "under ten" + old)
    nearest = max(10, min(90, 10 * ((years + 5) // 10)))
    if years < 18:
        return Alias(
            "до восемнадцати лет" if low.startswith("в ") else "меньше восемнадцати лет", "under eighteen" + old
        )
    if low.startswith("в "):
        return Alias(f"примерно в {_NOMN_RU[nearest // 10]} лет", "")
    return Alias(f"около {_TENS_RU[nearest // 10]} лет", f"about {_TENS_EN[nearest // 10]}{old}")


def _date(kind: str, said: str, language: str) -> Alias | None:
    low = said.lower()
    months = _MONTHS_EN if language == "en" else _MONTHS_RU
    month = next(
        (i for i, m in enumerate(months) if re.search(rf"\b{m}", low) and not (m == "ма" and "март" in low)), None
    )
    figures = re.search(r"\b\d{1,2}[./-](\d{1,2})[./-]|\b\d{4}-(\d\d)-", low)
    if month is None and figures:
        month = int(figures[1] or figures[2]) - 1
    if kind in {"day", "month"} and month is not None and 0 <= month < 12:
        season = (month + 1) // 3 % 4
        return Alias(_SEASONS_RU[season], f"one {_SEASONS_EN[season]}")
    if kind == "birth":
        return Alias("в один из тех годов", "those years")
    return None
