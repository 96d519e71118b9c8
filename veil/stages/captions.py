"""Captions: words and when they are said go in; subtitles that can be read come out, by the trade's rules.

At most 42 characters a line and two lines, 1 to 7 s, at most 17 characters a second where there is room and 20 where
there is little, two frames between two subtitles, split where clauses end. (Netflix Timed Text Style Guide; BBC
Subtitle Guidelines; Karamitroglou 1998.)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, pairwise

from veil.nouns.caption import Caption
from veil.nouns.time import Span

LINE = 42  # characters
LEAST_S, MOST_S = Fraction(1), Fraction(7)
READING, HURRIED = 17, 20  # characters a second
GAP_S = Fraction(1, 12)  # two frames of 24
_CHAIN_S = Fraction(1, 2)  # a shorter gap looks like a mistake, and is closed to GAP_S
_LINGER_S = Fraction(3, 10)  # it stays on after its last word
_EARLY_S = Fraction(2, 5)  # it may come before its first word where there is no time behind it
_BREATH_S = Fraction(3, 10)  # a pause at which one subtitle may well end
_RUN_S = Fraction(3, 2)  # words of one person with less between them are broken up together
_EACH, _SWIFT = 3.0, 10.0  # what a subtitle more costs, and one that cannot be read, against a bad place to split
_WAITS, _WAIT_S = 6.0, 0.5  # what a second of silence costs within a subtitle; shorter ones cost nothing
_IN_TWO = 0.4  # what a bad place costs between two lines, against one between two subtitles

_TIED_WORDS = """
a an the my your his her its our their this that of in on at to for from with by as is are was were be been no not very
and or but if i he she it we they you who which в на с со к ко о об от до из за по под над при без для у и а но или что
как не ни мой твой его её их наш ваш этот эта это тот та же я он она мы вы они
"""
_OPENING_WORDS = """
and but or because so when while where if that which who although though until since и а но или потому что чтобы когда
если который которая которое которые где пока хотя как
"""
_TIED = frozenset(_TIED_WORDS.split())  # after these nobody stops
_OPENS = frozenset(_OPENING_WORDS.split())  # before these a clause begins


@dataclass(frozen=True)
class Piece:
    """A word as it stands in a subtitle, and when it is said."""

    text: str
    span: Span


@dataclass(frozen=True)
class Speaking:
    """What one person says without anybody else in between."""

    speaker: str
    pieces: tuple[Piece, ...]

    @property
    def span(self) -> Span:
        return Span(self.pieces[0].span.start, max(p.span.end for p in self.pieces))


def spread(text: str, span: Span) -> tuple[Piece, ...]:
    """Return the words of a text over a span by their letters alone: nobody's own timing is in it."""
    words = [part for word in text.split() for part in _chopped(word)]
    ends = list(accumulate((len(word) + 1 for word in words), initial=0))
    total = max(1, ends[-1])
    at = [span.start + span.length_s * Fraction(end, total) for end in ends]
    return tuple(Piece(word, Span(a, b)) for word, (a, b) in zip(words, pairwise(at), strict=True))


def pieces(words: Iterable[tuple[str, Span]]) -> tuple[Piece, ...]:
    """Return words with their times; what no line could hold is parted."""
    return tuple(piece for text, span in words for piece in spread(text, span))


def _chopped(word: str) -> list[str]:
    most = LINE - 1
    return [word] if len(word) <= LINE else [word[i : i + most] for i in range(0, len(word), most)]


def captions(said: Sequence[Speaking], name_of: dict[str, str] | None = None) -> tuple[Caption, ...]:
    """Return subtitles in order of time; none overlaps another.

    `name_of` are names that will stand before the first line where the speaker changes: room is kept for them.
    """
    broken: list[Caption] = []
    before = ""
    for run in _runs(said):
        lead = len((name_of or {}).get(run.speaker, "")) + 2 if name_of and run.speaker != before else 0
        parts = _broken(run, min(lead, LINE // 2))
        broken += [replace(part, begins=run.speaker != before and not i) for i, part in enumerate(parts)]
        before = run.speaker
    return _timed(_apart(sorted(broken, key=lambda c: c.span)))


def _runs(said: Sequence[Speaking]) -> list[Speaking]:
    """Return what is said with what follows at once by the same person in one."""
    runs: list[Speaking] = []
    for one in sorted((s for s in said if s.pieces), key=lambda s: s.span):
        last = runs[-1] if runs else None
        if last and last.speaker == one.speaker and 0 <= one.span.start - last.span.end < _RUN_S:
            runs[-1] = Speaking(one.speaker, last.pieces + one.pieces)
        else:
            runs.append(one)
    return runs


def _broken(run: Speaking, lead: int) -> list[Caption]:
    """Return the words of a run in subtitles, split where it hurts least (a shortest path over the places to split)."""
    words, count = run.pieces, len(run.pieces)
    best: list[tuple[float, int, tuple[str, ...]]] = [(0.0, 0, ())]
    for end in range(1, count + 1):
        ways = []
        for start in range(end - 1, -1, -1):
            room = lead if start == 0 else 0
            if sum(len(w.text) + 1 for w in words[start:end]) > 2 * LINE + 1:
                break
            lines = in_lines([w.text for w in words[start:end]], room)
            if lines is not None or end - start == 1:
                lines = lines or (words[start].text,)
                cost = best[start][0] + _cost(words, start, end) + _IN_TWO * _halved(lines)
                ways.append((cost, start, lines))
        best.append(min(ways, key=lambda w: w[0]))
    parts: list[Caption] = []
    end = count
    while end:
        _, start, lines = best[end]
        span = Span(words[start].span.start, max(w.span.end for w in words[start:end]))
        parts.append(Caption(span, lines, (run.speaker,) * len(lines)))
        end = start
    return parts[::-1]


def _cost(words: Sequence[Piece], start: int, end: int) -> float:
    """Return how bad a subtitle of these words is: where it ends, how long it stands, how fast it must be read."""
    shown_s = float(words[end - 1].span.end - words[start].span.start)
    free = words[end].span.start - GAP_S if end < len(words) else words[end - 1].span.end + LEAST_S
    room_s = max(0.04, float(free - words[start].span.start))
    letters = sum(len(w.text) + 1 for w in words[start:end]) - 1
    hurry = max(0.0, letters / room_s / READING - 1) + max(0.0, 1 - room_s)
    waits = sum(gap for gap in _gaps(words[start:end]) if gap >= _WAIT_S)
    return _EACH + _split_cost(words, end) + _SWIFT * hurry + _WAITS * waits + (100.0 if shown_s > MOST_S else 0.0)


def _gaps(words: Sequence[Piece]) -> list[float]:
    """Return the silences between words, in seconds: over one, what is not said yet would be read already."""
    return [float(after.span.start - before.span.end) for before, after in pairwise(words)]


def _halved(lines: Sequence[str]) -> float:
    """Return how much the place hurts at which a subtitle goes on in its second line."""
    return _seam(lines[0].split()[-1], lines[1].split()[0]) if len(lines) > 1 else 0.0


def _split_cost(words: Sequence[Piece], end: int) -> float:
    if end == len(words):
        return 0.0
    breath = words[end].span.start - words[end - 1].span.end >= _BREATH_S
    return min(_seam(words[end - 1].text, words[end].text), 1.0 if breath else 99.0)


def _seam(before: str, after: str) -> float:
    """Return how much it hurts to part two words: nothing where a sentence ends."""
    bare = before.rstrip("\"'»”’)")
    if bare.endswith((".", "?", "!", "…")):
        return 0.0
    if bare.endswith((",", ";", ":", "—", "–")):
        return 1.5
    if before.casefold() in _TIED:
        return 9.0
    return 3.0 if after.casefold().strip("«“\"'(") in _OPENS else 6.0


def in_lines(words: Sequence[str], lead: int = 0) -> tuple[str, ...] | None:
    """Return words in one line, or in two that are parted well; None where they do not fit.

    `lead` characters are taken in the first line already.
    """
    whole = " ".join(words)
    if len(whole) <= LINE - lead:
        return (whole,)
    ways = []
    for at in range(1, len(words)):
        upper, lower = " ".join(words[:at]), " ".join(words[at:])
        if len(upper) <= LINE - lead and len(lower) <= LINE:
            uneven = abs(len(upper) + lead - len(lower)) / LINE + 0.2 * (len(upper) + lead > len(lower))
            ways.append((_seam(words[at - 1], words[at]) + 8 * uneven, (upper, lower)))
    return min(ways)[1] if ways else None


def _apart(parts: list[Caption]) -> list[Caption]:
    """Return subtitles of which each begins after the one before: two people at once share one where they fit."""
    out: list[Caption] = []
    for part in parts:
        last = out[-1] if out else None
        if last is None or part.span.start >= last.span.end:
            out.append(part)
            continue
        both = Span(last.span.start, max(last.span.end, part.span.end))
        short = len(last.lines) == len(part.lines) == 1 and max(len(last.text), len(part.text)) <= LINE - 2
        if short and both.length_s <= MOST_S and last.speakers != part.speakers:
            lines = tuple(f"– {text}" for text in (last.text, part.text))
            out[-1] = Caption(both, lines, last.speakers + part.speakers, begins=False)
        elif part.span.start - last.span.start >= LEAST_S:
            out += [replace(out.pop(), span=Span(last.span.start, part.span.start)), part]
        else:
            start = last.span.end
            out.append(replace(part, span=Span(start, max(part.span.end, start + LEAST_S / 2))))
    return out


def _timed(parts: list[Caption]) -> tuple[Caption, ...]:
    """Return subtitles that stand as long as they are read, where there is room."""
    out: list[Caption] = []
    for i, part in enumerate(parts):
        after = parts[i + 1].span.start if i + 1 < len(parts) else part.span.end + MOST_S
        free_from = out[-1].span.end + GAP_S if out else Fraction(0)
        out.append(replace(part, span=_stands(part, free_from, after)))
    return tuple(out)


def _stands(part: Caption, free_from: Fraction, after: Fraction) -> Span:
    need = max(LEAST_S, Fraction(len(part.text), READING))
    start = max(part.span.start, free_from)
    latest = max(after - GAP_S, start + Fraction(1, 10))
    end = min(max(part.span.end + _LINGER_S, start + need), latest, start + MOST_S)
    if latest - end < _CHAIN_S - GAP_S and latest <= start + MOST_S:
        end = latest
    hurry = max(LEAST_S, Fraction(len(part.text), HURRIED))
    if end - start < hurry:
        start = max(min(free_from, start), start - _EARLY_S, end - hurry)
    return Span(start, end)
