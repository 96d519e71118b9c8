"""Numbers as they are said: "thirty-four", «тридцати четырёх», "plus seven nine one six", 8 916; and runs of them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from veil.disguise.words.spelling import Token


@dataclass(frozen=True)
class Number:
    """What one word says as a number: its value, how many digits it stands for; tens wait for ones."""

    value: int
    digits: int
    ordinal: bool = False
    scale: bool = False  # hundred, thousand: what is counted, not read out


Reader = Callable[[str], Number | None]
"""Reads one word in lower case as a number, or returns None."""

_EN_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
_EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_EN_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth"
    " sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_ENGLISH: dict[str, Number] = {
    **{w: Number(i, len(str(i))) for i, w in enumerate(_EN_ONES)},
    **{w: Number(10 * i, 2) for i, w in enumerate(_EN_TENS, 2)},
    **{w: Number(i, len(str(i)), ordinal=True) for i, w in enumerate(_EN_ORDINALS, 1)},
    "thirtieth": Number(30, 2, ordinal=True),
    "oh": Number(0, 1),
    "nought": Number(0, 1),
    "hundred": Number(100, 2, scale=True),
    "thousand": Number(1000, 3, scale=True),
    "million": Number(1000000, 6, scale=True),
}

_RU: tuple[tuple[int, str], ...] = (
    (0, "ноль|нол[яюе]|нолем|нуль|нул[яюе]"), (1, "один|одна|одно|одного|одной|одному|одну|одним"),
    (2, "два|две|двух|двум|двумя"), (3, "три|тр[её]х|тр[её]м|тремя"), (4, "четыре|четыр[её]х|четыр[её]м|четырьмя"),
    (5, "пят(?:ь|и|ью)"), (6, "шест(?:ь|и|ью)"), (7, "сем(?:ь|и|ью)"), (8, "вос(?:емь|ьми|емью|ьмью)"),
    (9, "девят(?:ь|и|ью)"), (10, "десят(?:ь|и|ью)"), (11, "одиннадцат(?:ь|и|ью)"), (12, "двенадцат(?:ь|и|ью)"),
    (13, "тринадцат(?:ь|и|ью)"), (14, "четырнадцат(?:ь|и|ью)"), (15, "пятнадцат(?:ь|и|ью)"),
    (16, "шестнадцат(?:ь|и|ью)"), (17, "семнадцат(?:ь|и|ью)"), (18, "восемнадцат(?:ь|и|ью)"),
    (19, "девятнадцат(?:ь|и|ью)"), (20, "двадцат(?:ь|и|ью)"), (30, "тридцат(?:ь|и|ью)"), (40, "сорок|сорока"),
    (50, "пятьдесят|пятидесяти|пятьюдесятью"), (60, "шестьдесят|шестидесяти"), (70, "семьдесят|семидесяти"),
    (80, "восемьдесят|восьмидесяти"), (90, "девяносто|девяноста"), (100, "сто|ста"), (200, "двести|двухсот"),
    (300, "триста|тр[её]хсот"), (400, "четыреста|четыр[её]хсот"), (500, "пятьсот|пятисот"), (600, "шестьсот|шестисот"),
    (700, "семьсот|семисот"), (800, "восемьсот|восьмисот"), (900, "девятьсот|девятисот"),
)  # fmt: skip
_RU_ORDINALS: tuple[tuple[int, str], ...] = (
    (1, "перв"), (2, "втор"), (3, "треть"), (4, "четв[её]рт"), (5, "пят"), (6, "шест"), (7, "седьм"), (8, "восьм"),
    (9, "девят"), (10, "десят"), (11, "одиннадцат"), (12, "двенадцат"), (13, "тринадцат"), (14, "четырнадцат"),
    (15, "пятнадцат"), (16, "шестнадцат"), (17, "семнадцат"), (18, "восемнадцат"), (19, "девятнадцат"),
    (20, "двадцат"), (30, "тридцат"), (40, "сороков"), (50, "пятидесят"), (60, "шестидесят"), (70, "семидесят"),
    (80, "восьмидесят"), (90, "девяност"), (100, "сот"), (2000, "двухтысячн"),
)  # fmt: skip
_RU_CARDINAL = tuple((value, re.compile(pattern)) for value, pattern in _RU)
_RU_ORDINAL = tuple(
    (value, re.compile(f"(?:{stem})(?:ый|ий|ой|ого|его|ому|ему|ым|им|ом|ем|ая|ую|ое|ые|ых|ьего|ьей|ьем|ья|ье)"))
    for value, stem in _RU_ORDINALS
)
_RU_SCALE = re.compile(r"тысяч[аиуе]?|тысячами|миллион\w*")


def english_number(word: str) -> Number | None:
    """Read one English word, figures, or two words with a hyphen."""
    if digits := re.fullmatch(r"(\d+)(?:st|nd|rd|th)?", word):
        return Number(int(digits[1][:18]), len(digits[1]), ordinal=not word.isdigit())
    if word in _ENGLISH:
        return _ENGLISH[word]
    tens, dash, ones = word.partition("-")
    if dash and tens in _EN_TENS and ones in _ENGLISH and _ENGLISH[ones].value < 10:
        return Number(_ENGLISH[tens].value + _ENGLISH[ones].value, 2, _ENGLISH[ones].ordinal)
    return None


def russian_number(word: str) -> Number | None:
    """Read one Russian word or figures."""
    if digits := re.fullmatch(r"(\d+)(?:-?(?:го|й|е|му|м|ая|ый|ое|ом))?", word):
        return Number(int(digits[1][:18]), len(digits[1]), ordinal=not word.isdigit())
    for value, pattern in _RU_CARDINAL:
        if pattern.fullmatch(word):
            return Number(value, len(str(value)))
    for value, pattern in _RU_ORDINAL:
        if pattern.fullmatch(word):
            return Number(value, len(str(value)), ordinal=True)
    return Number(1000, 3, scale=True) if _RU_SCALE.fullmatch(word) else None


@dataclass(frozen=True)
class Run:
    """Words `first` to `last` (half-open) of a text that are numbers, one after the other."""

    first: int
    last: int
    numbers: tuple[Number, ...]

    @property
    def digits(self) -> int:
        """How many digits are read out: of tens before ones only two."""
        count, waiting = 0, False
        for number in self.numbers:
            if not (waiting and 0 < number.value < 10):
                count += number.digits
            waiting = number.value >= 20 and number.value % 10 == 0
        return count

    @property
    def value(self) -> int:
        """The number that is said, for numbers under ten thousand; years as "nineteen ninety four" too."""
        total = 0
        for i, number in enumerate(self.numbers):
            if number.scale and total:
                total = total * number.value if total < number.value else total + number.value
            elif i == 1 and 10 <= total <= 20 and number.value >= 10:
                total = 100 * total + number.value
            else:
                total += number.value
        return total

    @property
    def counted(self) -> bool:
        return any(n.scale for n in self.numbers)


def runs(words: Sequence[Token], text: str, read: Reader, joins: frozenset[str]) -> tuple[Run, ...]:
    """Return the longest runs of numbers; `joins` are words that may stand among them ("and", "double")."""
    found: list[Run] = []
    i = 0
    while i < len(words):
        numbers: list[Number] = []
        end = j = i
        while j < len(words) and not _breaks(words, j, i, text):
            number = read(words[j].low)
            if number is None and (j == i or words[j].low not in joins):
                break
            if number is not None:
                numbers.append(number)
                end = j + 1
            j += 1
        if numbers:
            found.append(Run(i, end, tuple(numbers)))
        i = max(end, i + 1)
    return tuple(found)


def _breaks(words: Sequence[Token], j: int, i: int, text: str) -> bool:
    """Tell whether a sentence ends between two words."""
    return j > i and any(c in ".;!?:\n" for c in text[words[j - 1].end : words[j].start])
