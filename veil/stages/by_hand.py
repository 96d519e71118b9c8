"""What a person's correction of the transcript lets be heard: said to them, since a slip there exposes somebody."""

from veil.nouns.plan import Plan
from veil.nouns.time import Span, clock
from veil.stages.audible import CELL_S, audible, stretches
from veil.stages.case import Case, CaseFolder
from veil.stages.heard import load_heard, load_uncorrected


def freed_by_hand(case: Case, plan: Plan, folder: CaseFolder) -> tuple[Span, ...]:
    """Return where the original is heard only because a person wrote that somebody else speaks there."""
    may = audible(plan, load_heard(folder), case.end_s) & ~audible(plan, load_uncorrected(folder), case.end_s)
    return tuple(Span(first * CELL_S, last * CELL_S) for first, last in stretches(may))


def freed_told(freed: tuple[Span, ...]) -> str:
    """Return a sentence about it without a word or a name of the film; "" where there is nothing to say."""
    if not freed:
        return ""
    places = "one place" if len(freed) == 1 else f"{len(freed)} places"
    return (
        f"in {places}, the first at {clock(freed[0].start)}, an own voice is heard because transcript.txt was changed: "
        "Veil heard somebody there who is hidden, or nobody; listen to it"
    )
