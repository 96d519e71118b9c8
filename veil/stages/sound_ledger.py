"""The ledger of the sound: where a hidden voice may be heard, against where nothing of the original was written.

*Owed* comes from what was heard and the plan, in exact time; *paid* from the gain that the original was written with.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from veil.errors import Exposed
from veil.nouns.plan import Plan, Role
from veil.nouns.speech import DOUBTFUL_TURN, Heard
from veil.nouns.time import ALWAYS, Span, clock


@dataclass
class SoundLedger:
    """Two sources that must agree."""

    owed: tuple[Span, ...]
    paid: list[Span] = field(default_factory=list)

    def pay(self, span: Span) -> None:
        """Write down a span that was written without one sample of the original; in order of time."""
        if self.paid and self.paid[-1].end == span.start:
            span = Span(self.paid.pop().start, span.end)
        self.paid.append(span)

    def settle(self) -> None:
        """Raise Exposed unless every debt is paid."""
        unpaid = without(self.owed, self.paid)
        if unpaid:
            raise Exposed(
                f"a hidden voice would be heard at {clock(unpaid[0].start)} and in {len(unpaid)} places in all",
                "nothing was written; hide that voice in all of the film, or report this fault of Veil",
            )

    def sums(self) -> dict[str, float]:
        """Return how many seconds were owed and paid."""
        both = without(self.owed, without(self.owed, self.paid))
        return {"owed_s": _total(self.owed), "paid_s": _total(both), "without_original_s": _total(self.paid)}

    def lost_s(self, plan: Plan, heard: Heard) -> float:
        """Return for how many seconds somebody who may be heard is not, since somebody else may be heard there too."""
        own = [span for t in heard.turns for span in within((t.span,), own_spans(plan.role_of(t.speaker)))]
        return _total(within(own, self.paid))


def owed(plan: Plan, heard: Heard, end_s: Fraction) -> tuple[Span, ...]:
    """Return the spans in which a hidden voice may be heard, up to the film's end.

    That is wherever there is a voice and nobody who may be heard speaks alone. Where nothing was heard, nothing is
    known, and all of the film is owed.
    """
    whole = Span(Fraction(0), end_s)
    if not heard.turns and not heard.voiced:
        return (whole,)
    free: list[Span] = []
    for turn in heard.turns:
        others = [t for t in heard.turns if t is not turn]
        mine = within((turn.span,), own_spans(plan.role_of(turn.speaker))) if turn.sure >= DOUBTFUL_TURN else ()
        strangers = [t.span for t in others if t.sure < DOUBTFUL_TURN or not _all_own(plan, t.speaker, t.span)]
        allies = [t.span for t in others if t.span not in strangers and t.speaker != turn.speaker]
        lonely = without(turn.overlapped, allies)  # somebody speaks there too, and no turn says who
        free += without(without(mine, strangers), lonely)
    everyone = (*heard.voiced, *(turn.span for turn in heard.turns))
    return within(without(everyone, free), (whole,))


def own_spans(role: Role) -> tuple[Span, ...]:
    """Return when somebody's own voice may be heard: the plan's spans, and where their veil is gone."""
    frames = [*role.lift, (ALWAYS.end, role.lift[-1][1])] if role.lift else []
    gone = [Span(a, b) for (a, one), (b, other) in pairwise(frames) if one == other == 0]
    return (*role.voicing.heard, *gone)


def _all_own(plan: Plan, speaker: str, span: Span) -> bool:
    return not without((span,), own_spans(plan.role_of(speaker)))


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the same time in order, no two spans touching."""
    whole: list[Span] = []
    for span in sorted(spans):
        if whole and span.start <= whole[-1].end:
            whole[-1] = Span(whole[-1].start, max(whole[-1].end, span.end))
        elif span.length_s:
            whole.append(span)
    return tuple(whole)


def without(spans: Iterable[Span], others: Iterable[Span]) -> tuple[Span, ...]:
    """Return what of `spans` lies in none of `others`."""
    rest: list[Span] = []
    holes = joined(others)
    first = 0
    for span in joined(spans):
        at = span.start
        while first < len(holes) and holes[first].end <= span.start:
            first += 1
        for hole in holes[first:]:
            if hole.start >= span.end:
                break
            if hole.start > at:
                rest.append(Span(at, hole.start))
            at = max(at, hole.end)
        if at < span.end:
            rest.append(Span(at, span.end))
    return tuple(rest)


def within(spans: Iterable[Span], others: Iterable[Span]) -> tuple[Span, ...]:
    """Return what of `spans` lies in any of `others` too."""
    spans = joined(spans)
    return without(spans, without(spans, others))


def _total(spans: Iterable[Span]) -> float:
    return round(float(sum(span.length_s for span in joined(spans))), 3)
