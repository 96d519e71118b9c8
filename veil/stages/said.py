"""What is said in the result, whose and when: the new voices' own times, and no fine time of anybody who is hidden."""

from collections.abc import Sequence
from fractions import Fraction

from veil.errors import VeilError
from veil.nouns.plan import Plan
from veil.nouns.speech import Phrase, Placed, Transcript
from veil.nouns.time import Instant, Span
from veil.stages.burned import save_captions
from veil.stages.captions import Speaking, captions, pieces, spread
from veil.stages.case import Case, CaseFolder
from veil.stages.heard import load_heard
from veil.stages.hidden_words import check_lines, wording
from veil.stages.placed import load_placed
from veil.stages.words import reworded

_GRID_S = Fraction(1, 5)  # the times of a hidden person whom no voice speaks are no finer
_LATEST_S = 10  # by which a line is at most away from its phrase


def said_in(plan: Plan, transcript: Transcript, placed: Sequence[Placed]) -> tuple[Speaking, ...]:
    """Return what is said in the result, whose, and when.

    A new voice's own times count; of a hidden person whom none speaks only about when a phrase is, its words spread by
    their letters; whoever may be heard as they are keeps their times.
    """
    spoken = [Speaking(p.speaker, pieces((w.text, w.span) for w in p.words)) for p in placed if p.words]
    heard = [p for p in placed if p.words]
    unsaid = [p for p in transcript.phrases if p.words and not any(_says(line, p) for line in heard)]
    spoken += [_unplaced(plan, phrase) for phrase in unsaid]
    return tuple(sorted((s for s in spoken if s.pieces), key=lambda s: s.span))


def _says(line: Placed, phrase: Phrase) -> bool:
    """Tell whether a new line says a phrase: they meet, or the line had to wait until the phrase was over."""
    if line.speaker != phrase.speaker:
        return False
    near = abs(line.span.start - phrase.span.start) < _LATEST_S
    return line.span.meets(phrase.span) or (near and [w.text for w in line.words] == phrase.said.split())


def _unplaced(plan: Plan, phrase: Phrase) -> Speaking:
    if plan.role_of(phrase.speaker).sounds(phrase.span.start):
        return Speaking(phrase.speaker, pieces((w.text, w.span) for w in phrase.words))
    start, end = _coarse(phrase.span.start), _coarse(phrase.span.end)
    return Speaking(phrase.speaker, spread(phrase.said, Span(start, max(end, start + _GRID_S))))


def _coarse(at: Instant) -> Instant:
    return round(at / _GRID_S) * _GRID_S


def names_of(plan: Plan, said: Sequence[Speaking]) -> dict[str, str]:
    """Return under which name each speaker stands: the alias, or the label where the plan gives none."""
    return {s.speaker: plan.role_of(s.speaker).alias or s.speaker for s in said if s.speaker}


def placed_in(plan: Plan, folder: CaseFolder) -> tuple[Placed, ...]:
    """Return the lines of the new voices; none where the result has no new sound."""
    return load_placed(folder) if plan.sound == "disguised" else ()


def disguised(case: Case, plan: Plan, folder: CaseFolder) -> Transcript:
    """Return the words of the film as they may be told: corrected, with aliases in place.

    Raises VeilError when the film was not heard, or its names were not looked through.
    """
    transcript = reworded(case, plan, folder, load_heard(folder))
    if not any(phrase.words for phrase in transcript.phrases):
        raise VeilError("nothing is known of what is said in the film", "hear it first, with `veil hear`")
    return transcript


def burn_in(case: Case, plan: Plan, folder: CaseFolder) -> None:
    """Keep the subtitles that the cut will burn in; nothing where the plan does not ask for them.

    Raises Exposed when a hidden word would stand in them.
    """
    if plan.subtitles == "burned in":
        said = said_in(plan, disguised(case, plan, folder), placed_in(plan, folder))
        check_lines(said, wording(case, plan, folder, load_heard(folder))[0])
        save_captions(folder, captions(said))
