"""Burned-in subtitles: kept in the case between voice, cut and attack, and laid where they hide least of a face."""

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from veil.disguise.scene.signs import Sign, check_subtitle, subtitle
from veil.errors import VeilError
from veil.nouns.caption import Caption
from veil.nouns.picture import Box
from veil.nouns.plan import Plan
from veil.nouns.time import Instant, Span
from veil.stages.case import Case, CaseFolder, write_json

_FOOT = 0.06  # of the picture's height, below the lines
_HINT = "run `veil cut CASE` again"


def save_captions(folder: CaseFolder, captions: Sequence[Caption]) -> None:
    """Keep the subtitles for cut and attack; raise VeilError when the built-in font cannot draw them."""
    check_subtitle("".join(line for caption in captions for line in caption.lines))
    folder.sound.mkdir(exist_ok=True)
    write_json(
        folder.sound / "subtitles.json", [[c.span.start, c.span.end, c.lines, c.speakers, c.begins] for c in captions]
    )


def load_captions(plan: Plan, folder: CaseFolder) -> tuple[Caption, ...]:
    """Return the subtitles to burn in, in order of time; none where the plan does not ask for them.

    Raises VeilError when it does and there are none, or they are damaged.
    """
    if plan.subtitles != "burned in":
        return ()
    try:
        stored = json.loads((folder.sound / "subtitles.json").read_text("utf-8"))
        return tuple(
            Caption(Span(Fraction(start), Fraction(end)), tuple(lines), tuple(speakers), begins)
            for start, end, lines, speakers, begins in stored
        )
    except FileNotFoundError as error:
        raise VeilError(
            "the plan wants subtitles in the picture, and nothing that is said is known yet",
            'hear the film and check its transcript first, or write subtitles = "beside"',
        ) from error
    except (TypeError, ValueError, OSError) as error:
        raise VeilError(
            "the subtitles in the case are damaged", "delete sound/ in the case folder, cut again"
        ) from error


@dataclass(frozen=True, eq=False)
class Laid:
    """Subtitles with their places; each is drawn when it is due, so that an hour of them needs no room."""

    captions: tuple[Caption, ...]
    places: tuple[tuple[int, bool], ...]  # how far from the edge, pixels; whether from the upper one
    size: tuple[int, int]
    starts: tuple[Instant, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", tuple(c.span.start for c in self.captions))

    def at(self, at: Instant) -> Sign | None:
        """Return the subtitle that stands in the picture at an instant, if one does."""
        i = bisect_right(self.starts, at) - 1
        if i < 0 or at not in self.captions[i].span:
            return None
        foot_px, above = self.places[i]
        return subtitle(self.captions[i].lines, *self.size, foot_px, above=above)


def laid(captions: Sequence[Caption], case: Case, others: Sequence[tuple[Sign, Span]]) -> Laid | None:
    """Return where each subtitle stands: below, unless it would lie on a face there, or on another sign.

    `others` are what else is drawn for the viewers, and when. Raises VeilError when the picture is too small.
    """
    if not captions:
        return None
    places = tuple(_place(caption, case, others) for caption in captions)
    return Laid(tuple(captions), places, (case.film.width, case.film.height))


def _place(caption: Caption, case: Case, others: Sequence[tuple[Sign, Span]]) -> tuple[int, bool]:
    width, height = case.film.width, case.film.height
    drawn = [sign.box for sign, span in others if span.meets(caption.span)]
    foot_px = round(_FOOT * height)
    raised = [height - box.top for box in drawn if box.top > height / 2]
    lowered = [box.bottom for box in drawn if box.bottom <= height / 2]
    ways = [(foot_px, False), *((edge, False) for edge in raised), (foot_px, True), *((edge, True) for edge in lowered)]
    faces = faces_while(case, caption.span)
    costs = []
    for number, (edge, above) in enumerate(ways):
        sign = subtitle(caption.lines, width, height, edge, above=above)
        on_signs = sum(box.shared_px(sign.written) for box in drawn)
        on_faces = sum(face.shared_px(sign.written) for face in faces)
        costs.append((on_signs > 0, on_faces, number))
    return ways[min(costs)[2]]


def faces_while(case: Case, shown: Span) -> list[Box]:
    """Return where everybody's face is, about twice a second, during a span."""
    rate_hz = case.film.rate_hz
    first, last = int(shown.start * rate_hz), int(shown.end * rate_hz) + 1
    boxes = []
    for track in case.cast.tracks:
        begins, ends = max(first, track.first), min(last, track.last)
        if begins < ends:
            rows = track.read(begins - track.first, ends - track.first)
            boxes += [Box(*(round(float(v)) for v in row["box"])) for row in rows[:: max(1, int(rate_hz / 2))]]
    return boxes
