"""The recording script of a voice double: what to read, when it is heard, how long it may be; nothing of the original.

It is made of lines (disguised words, places on a coarse grid), so no word, sound or fine time of the original can be
in it.
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from veil.nouns.speech import Line, Said
from veil.nouns.time import clock

_HOW = {
    "en": (
        "Record each line into a file of its own, named by its number: 1.wav, 2.wav, … (WAV, FLAC, M4A or MP3).",
        "A quiet room without echo, a hand's breadth from the microphone, half a second of silence before and after.",
        "Speak in your own way: you tell it, you do not imitate anyone. The length is a guide: give or take 15 %.",
    ),
    "ru": (
        "Запишите каждую реплику в отдельный файл с её номером: 1.wav, 2.wav, … (WAV, FLAC, M4A или MP3).",
        "Тихая комната без эха, ладонь до микрофона, полсекунды тишины до и после реплики.",
        "Говорите по-своему: рассказывайте, никого не изображая. Длительность — ориентир: ±15 %.",
    ),
}


@dataclass(frozen=True)
class _Terms:
    """What the script itself says, in the language that is read."""

    title: str
    count: str
    heads: tuple[str, str, str, str]
    names: str
    strong: str
    soft: str
    pause: str
    unit: str
    tempo: dict[str, str]


_TERMS = {
    "en": _Terms(
        "Recording script", "lines", ("line", "at", "lasts", "words"), "names", "strong", "soft", "pause", "s",
        {"slow": "slowly", "fast": "quickly"},
    ),
    "ru": _Terms(
        "Запись", "реплик", ("№", "время", "длится", "текст"), "имена", "сильнее", "тише", "пауза", "с",
        {"slow": "медленно", "fast": "быстро"},
    ),
}  # fmt: skip
_SOUNDS = "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya i yi ye g"
_LATIN = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ", _SOUNDS.split(), strict=True))
_STYLE = """
@page { size: A4; margin: 16mm 15mm }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, "Noto Sans", "DejaVu Sans", sans-serif; color: #1c1d20; margin: 2.2rem auto;
  max-width: 54rem; padding: 0 1.2rem; background: #fff }
h1 { font-size: 1.5rem; margin: 0 0 .2rem } .of { color: #62656d; margin: 0 0 1.1rem }
ol.how { margin: 0 0 1.2rem; padding-left: 1.2rem; color: #3c3f46 }
table { width: 100%; border-collapse: collapse } thead { display: table-header-group }
th { text-align: left; font-size: .75rem; letter-spacing: .04em; color: #62656d; border-bottom: 2px solid #1c1d20;
  padding: .2rem .6rem .3rem 0 }
td { vertical-align: top; border-bottom: 1px solid #d9dbe0; padding: .6rem .6rem .65rem 0 }
tr { break-inside: avoid } td.n { font-weight: 700; font-size: 1.15rem; width: 3rem } td.t { width: 6.2rem }
td.t, td.s { color: #62656d; font-variant-numeric: tabular-nums; white-space: nowrap; padding-top: .8rem }
td.s { width: 4.6rem } td.w { font-size: 1.2rem; line-height: 1.5 }
b { font-weight: 750; border-bottom: 2px solid #1c1d20 } i { color: #55585f } u { text-decoration-style: wavy }
.tempo { font-size: .72em; color: #62656d; vertical-align: .35em } .pause { color: #8a5200; font-size: .8em;
  white-space: nowrap }
.key { color: #62656d; font-size: .85rem; margin: 0 0 1rem } dl { margin: 1.2rem 0 0 } dt { font-weight: 700 }
dd { margin: 0 0 .3rem; color: #3c3f46 }
"""


@dataclass(frozen=True)
class Script:
    """The lines of one speaker, numbered from 1 in order of time; `names` are aliases and how they are said."""

    speaker: str
    lines: tuple[Line, ...]
    names: tuple[tuple[str, str, tuple[int, ...]], ...] = ()  # alias, how it is said, the lines it is in

    @property
    def tongue(self) -> str:
        return "ru" if self.lines and self.lines[0].language == "ru" else "en"

    @property
    def terms(self) -> _Terms:
        return _TERMS[self.tongue]


def script_of(label: str, lines: Sequence[Line], said: Mapping[str, str] | None = None) -> Script:
    """Return the script of one speaker; `said` are aliases, and how they are pronounced where somebody wrote it down.

    Where nobody did, a Cyrillic name is also told in Latin letters.
    """
    mine = tuple(sorted((line for line in lines if line.speaker == label), key=lambda line: line.start))
    names = []
    for alias, spoken in sorted((said or {}).items()):
        where = tuple(number for number, line in enumerate(mine, start=1) if _holds(line.text, alias))
        if where:
            names.append((alias, spoken or _in_latin(alias), where))
    return Script(label, mine, tuple(names))


def _in_latin(alias: str) -> str:
    """Return a Cyrillic name in Latin letters; nothing for one that is written in them."""
    letters = [_LATIN.get(letter, letter) for letter in alias.casefold()]
    told = "".join(letters).replace("-", "") if any(letter in _LATIN for letter in alias.casefold()) else ""
    return told[:1].upper() + told[1:]


def _holds(text: str, alias: str) -> bool:
    """Tell whether an alias stands in a text, in the cases that Russian gives it, too."""
    stem = alias[:-1] if len(alias) > 3 and alias[-1] in "аяйьео" else alias
    return re.search(rf"(?<!\w){re.escape(stem)}\w{{0,3}}(?!\w)", text, re.IGNORECASE) is not None


def as_plain(script: Script) -> str:
    """Return the script as plain text: marks are *strong*, _soft_, <slowly>, and [0.8 s] for a pause."""
    terms = script.terms
    out = [f"{terms.title}: {script.speaker}", "", *_HOW[script.tongue], ""]
    for number, line in enumerate(script.lines, start=1):
        length = f"{float(line.length_s):4.1f} {terms.unit}"
        out.append(f"{number:>4}  {clock(line.start)[:-2]}  {length}  {_plain_words(terms, line)}")
    if script.names:
        out += ["", f"{terms.names}:"]
        out += [f"      {alias}{f' ({spoken})' if spoken else ''}" for alias, spoken, _ in script.names]
    return "\n".join(out) + "\n"


def _plain_words(terms: _Terms, line: Line) -> str:
    words = []
    for said in line.words:
        word = {"strong": f"*{said.text}*", "soft": f"_{said.text}_", "": said.text}[said.stress]
        words.append(word + (f" <{terms.tempo[said.tempo]}>" if said.tempo else ""))
        words += [f"[{said.pause_s:.1f} {terms.unit}]"] if said.pause_s > 0 else []
    return " ".join(words)


def as_page(script: Script) -> str:
    """Return the script as a page to print, complete in itself."""
    terms, title = script.terms, html.escape(f"{script.terms.title}: {script.speaker}")
    rows = "\n".join(_row(terms, number, line) for number, line in enumerate(script.lines, start=1))
    how = "".join(f"<li>{html.escape(step)}</li>" for step in _HOW[script.tongue])
    tempos = ", ".join(f"<u>{word}</u>" for word in terms.tempo.values())
    key = f"<b>{terms.strong}</b> · <i>{terms.soft}</i> · {tempos} · {_pause(terms, 0.8)}"
    heads = "".join(f"<th>{head}</th>" for head in terms.heads)
    listed = "".join(_name(*name) for name in script.names)
    return (
        f'<!doctype html>\n<html lang="{script.tongue}">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n"
        f"<h1>{title}</h1>\n<p class=of>{len(script.lines)} {terms.count}</p>\n"
        f"<ol class=how>{how}</ol>\n<p class=key>{key}</p>\n"
        f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n"
        + (f"<h2>{terms.names}</h2>\n<dl>{listed}</dl>\n" if listed else "")
        + "</html>\n"
    )


def _row(terms: _Terms, number: int, line: Line) -> str:
    words = " ".join(_marked(terms, said) for said in line.words)
    times = f"<td class=t>{clock(line.start)[:-2]}</td><td class=s>{float(line.length_s):.1f} {terms.unit}</td>"
    return f"<tr><td class=n>{number}</td>{times}<td class=w>{words}</td></tr>"


def _marked(terms: _Terms, said: Said) -> str:
    word = html.escape(said.text)
    word = {"strong": f"<b>{word}</b>", "soft": f"<i>{word}</i>", "": word}[said.stress]
    if said.tempo:
        word = f"<u>{word}</u> <span class=tempo>{terms.tempo[said.tempo]}</span>"
    return f"{word} {_pause(terms, said.pause_s)}" if said.pause_s > 0 else word


def _pause(terms: _Terms, pause_s: float) -> str:
    return f"<span class=pause>({terms.pause} {pause_s:.1f} {terms.unit})</span>"


def _name(alias: str, spoken: str, where: Sequence[int]) -> str:
    said = f" <i>({html.escape(spoken)})</i>" if spoken else ""
    return f"<dt>{html.escape(alias)}{said}</dt><dd>{', '.join(str(number) for number in where)}</dd>"
