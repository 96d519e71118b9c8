"""What is heard in the result: the lines of the new voices, kept in the case between voice, lips, subtitles, attack."""

import json
from fractions import Fraction

from veil.errors import VeilError
from veil.nouns.speech import Phone, Placed, Word
from veil.nouns.time import Span
from veil.stages.case import CaseFolder, write_json


def save_placed(folder: CaseFolder, placed: tuple[Placed, ...]) -> None:
    """Write the lines so that they are all there or none is."""
    folder.sound.mkdir(exist_ok=True)
    write_json(
        folder.sound / "placed.json",
        [
            {
                "speaker": line.speaker,
                "span": [line.span.start, line.span.end],
                "by": line.by,
                "words": [[w.text, w.span.start, w.span.end] for w in line.words],
                "phones": [[p.symbol, p.start_s, p.end_s] for p in line.phones],
            }
            for line in placed
        ],
    )


def load_placed(folder: CaseFolder) -> tuple[Placed, ...]:
    """Return the lines in order of time, none where no voice was made yet; raise VeilError when they are damaged."""
    path = folder.sound / "placed.json"
    if not path.is_file():
        return ()
    try:
        return tuple(
            Placed(
                line["speaker"],
                _span(*line["span"]),
                tuple(Word(text, _span(start, end)) for text, start, end in line["words"]),
                tuple(Phone(*phone) for phone in line["phones"]),
                line["by"],
            )
            for line in json.loads(path.read_text("utf-8"))
        )
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise VeilError("what the new voices say is damaged", "delete sound/ in the case folder, cut again") from error


def _span(start: str, end: str) -> Span:
    return Span(Fraction(start), Fraction(end))
