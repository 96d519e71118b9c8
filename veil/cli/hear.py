"""`veil hear`: who speaks when, and what is said."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from veil.cli.say import answer, as_json, bar
from veil.desk import Desk
from veil.nouns.speech import DOUBTFUL, Heard
from veil.stages.heard import Wish


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--subtitles", type=click.Path(path_type=Path), help="subtitles in the language that is spoken")
@click.option("--model", type=click.Path(path_type=Path), help="a folder with a faster-whisper or Vosk model")
@click.option("--language", default="", help="the language that is spoken, such as en or ru")
@as_json
def hear(case: Path, subtitles: Path | None, model: Path | None, language: str, as_json: bool) -> None:
    """Find out what is said in the film of CASE, and write a transcript for you to correct

    What you change in transcript.txt stays when you run this again. Words come from the recogniser that ships, which
    knows English; from a model that you name; or from subtitles. Nothing is downloaded.

    \b
    example:
      veil hear interview.veil
      veil hear interview.veil --subtitles interview.srt --language ru
    """
    desk = Desk.reopen(case, bar)
    heard = desk.hear(Wish(_whole(subtitles), _whole(model), language.strip().lower()))
    facts = facts_of(heard, str(desk.folder.transcript))
    answer("\n".join(_lines(facts)), facts, as_json)


def _whole(path: Path | None) -> str:
    return str(path.absolute()) if path else ""


def facts_of(heard: Heard, transcript: str) -> dict[str, Any]:
    """Return what is said of a hearing: counts, and never a word."""
    phrases = heard.transcript.phrases
    return {
        "transcript": transcript,
        "language": heard.transcript.language,
        "made_by": heard.transcript.made_by,
        "phrases": dict(Counter(phrase.speaker for phrase in phrases)),
        "doubtful": sum(word.sure < DOUBTFUL for phrase in phrases for word in phrase.words),
        "unclear": sum(not phrase.words and phrase.source != "corrected" for phrase in phrases),
        "corrected": sum(phrase.source == "corrected" for phrase in phrases),
        "remarks": list(heard.remarks),
    }


def _lines(facts: dict[str, Any]) -> list[str]:
    lines = [f"{label}  {_many(count, 'phrase')}" for label, count in facts["phrases"].items()]
    lines.append(f"language  {facts['language'] or 'not known'}")
    lines.append(f"words  {facts['made_by']}" if facts["phrases"] else "words  none")
    lines.append(f"to check  {_many(facts['doubtful'], 'doubtful word')}, {_many(facts['unclear'], 'unclear place')}")
    lines += [f"corrected  {_many(facts['corrected'], 'phrase')}"] * bool(facts["corrected"])
    lines += [f"remark  {remark}" for remark in facts["remarks"]]
    return [*lines, f"transcript  {facts['transcript']}"]


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
