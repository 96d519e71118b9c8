"""Agreement of case: Russian sentences with every name replaced by hand, and how often Veil writes the same.

The aliases are fixed here, so that only their forms are measured and not the draw.
"""

import re

from tests.annotated import TEXTS
from veil.disguise.words.contract import Find, Tongue
from veil.disguise.words.spelling import key_of

_ALIASES = {
    "григорий": ("Николай", "Коля"), "аслан": ("Мовсар", ""), "анна": ("Юлия", "Юля"), "фатима": ("Раяна", ""),
    "патимат": ("Раяна", ""), "тимур": ("Эльдар", ""), "иванович": ("Петрович", ""), "сергеевич": ("Петрович", ""),
    "петров": ("Фомин", ""), "казбеков": ("Мусаев", ""), "грозный": ("Заречинск", ""), "москва": ("Приозёрнинск", ""),
    "махачкала": ("Белоборск", ""), "германия": ("другая страна", ""), "польша": ("другая страна", ""),
    "алексей": ("Дмитрий", "Митя"), "екатерина": ("Антонина", "Тоня"), "павлович": ("Борисович", ""),
    "ахмед": ("Салман", ""), "соколов": ("Гусев", ""), "нальчик": ("Светлодольск", ""), "самара": ("Ольховатск", ""),
    "малика": ("Сацита", ""), "руслан": ("Шамхан", ""), "гелаев": ("Дадаев", ""), "франция": ("другая страна", ""),
    "павел": ("Виктор", "Витя"), "светлана": ("Галина", "Галя"), "игоревич": ("Борисович", ""),
    "орлов": ("Уткин", ""), "тула": ("Пологорск", ""), "назрань": ("Ивнинск", ""),
    "игорь": ("Мовсар", ""), "ольга": ("Раяна", ""), "мария": ("Лидия", "Лида"),
}  # fmt: skip
_MARK = re.compile(r"\{([^}|]+)\|([^}|]+)\}")


def agreements(half: str, tongue: Tongue) -> tuple[int, list[str]]:
    """Return how many marked names stand as they should, and what the others became."""
    by_key = {k: forms for name, forms in _ALIASES.items() for k in (key_of(name), tongue.forms(name)[0])}
    right, wrong = 0, list[str]()
    for line in (TEXTS / f"agreement_{half}.txt").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        text = _MARK.sub(lambda m: m[1], line)
        finds = tongue.find(text)
        shift = 0
        for mark in _MARK.finditer(line):
            start, end = mark.start() - shift, mark.start() - shift + len(mark[1])
            shift += len(mark[0]) - len(mark[1])
            put = _put(text, start, end, [f for f in finds if f.start < end and start < f.end], tongue, by_key)
            if put == mark[2]:
                right += 1
            else:
                wrong.append(f"{mark[1]}: {put} instead of {mark[2]}")
    return right, wrong


def _put(text: str, start: int, end: int, finds: list[Find], tongue: Tongue, by_key: dict[str, tuple[str, str]]) -> str:
    """Return a marked place with its aliases in it."""
    new = text[start:end]
    for find in reversed(finds):
        keys = (find.key, *tongue.forms(text[find.start : find.end]))
        full, short = next((by_key[k] for k in keys if k in by_key), ("?", ""))
        alias = tongue.place_in(text, find, short if find.part == "short" and short else full)
        new = new[: max(0, find.start - start)] + alias + new[find.end - start :]
    return new
