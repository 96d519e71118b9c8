"""`veil publish`: the transcript, the subtitles and the record that belong to a finished film."""

from pathlib import Path

import click

from veil.cli.say import answer, as_json
from veil.desk import Desk
from veil.errors import VeilError
from veil.stages.translation import read_translation

_path = click.Path(path_type=Path)


@click.command()
@click.argument("case", type=_path)
@click.argument("result", type=_path)
@click.option("--translation", type=_path, help="the words in another language: SRT, WebVTT or plain text")
@click.option("--language", default="", help="of the translation, such as ru")
@click.option("--read", is_flag=True, help="you have replaced the names in the translation yourself")
@click.option("--again", is_flag=True, help="write them anew over what is there")
@as_json
def publish(case: Path, result: Path, translation: Path | None, language: str, as_json: bool, **how: bool) -> None:
    """Write transcript, subtitles and publication record beside the finished RESULT of CASE

    Names and words are those of the result; the record (schema.org, JSON-LD) says what [publication] in the plan says.
    Nothing is written where a hidden word would stand in any of it, or for a film that was not found safe. Names in a
    translation are replaced, too, and its words laid along the new voices.

    \b
    example:
      veil publish interview.veil interview.veiled.mp4 --translation words.srt --language ru
    """
    if language and translation is None:
        raise VeilError("there is a language and no translation", "name its file with --translation")
    given = read_translation(translation, language) if translation is not None else None
    written = Desk.reopen(case).publish(result, given, **how)
    lines = [f"written  {path}" for path in written.paths]
    if written.hurried:
        lines.append(f"{written.hurried} subtitles must be read fast: shorten what is said there in the transcript")
    answer("\n".join(lines), {"written": [str(p) for p in written.paths], "hurried": written.hurried}, as_json)
