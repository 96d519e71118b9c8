"""Is everyone covered in this frame? Detectors, a comparison with the original, and bodies whose head is bare."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from veil.adversary.bodies import Bodies, Head
from veil.adversary.cascade import Cascade
from veil.adversary.in_front import Before
from veil.adversary.remains import Noise, Owed, codec_noise, likeness, remains
from veil.adversary.search import Search, Sight
from veil.adversary.strange import strange
from veil.adversary.views import VIEWS, View
from veil.nouns.picture import Box, Picture
from veil.nouns.report import Finding, Kind

__all__ = ["Coverage", "Owed", "Seen"]

_QUICK_PX, _DEEP_PX, _VIEW_PX = 256, 640, 384  # the longer side of the picture in each look
_DEEP_EVERY = 12
_FACE, _DOUBT = 0.55, 0.3  # CenterFace's scores
_KNOWN = 0.35  # faces scored less are not given on to the recognisers
_AGREED = 0.9  # MTCNN's score, where both must agree
_STAYED = 0.5  # share of a face's inside that is the original: nobody painted it
_AROUND = 0.35  # of an owed face: so far around it what is seen is its head
_ZOOM_PX, _ZOOM_TOO_PX = 160, 112


@dataclass(eq=False)
class Seen:
    """What one frame shows: findings, how far each owed face is covered, and every face a detector sees."""

    findings: list[Finding] = field(default_factory=list)
    covered: list[float] = field(default_factory=list)  # 0..1 in the order of `owed`; nan: nothing could be compared
    faces: list[Sight] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Look:
    """One frame, as it was and as it is, with what is known about it."""

    index: int
    original: Picture | None
    result: Picture
    painted: Sequence[Box]
    allowed: Sequence[Box]
    noise: Noise
    signs: Sequence[Box] = ()
    owed: Sequence[Box] = ()  # the heads that had to be covered: paint of other kinds reaches far, and has no face

    def belongs(self, box: Box) -> bool:
        """Tell whether a face that was seen is of somebody who was owed a cover, or may be seen."""
        return any(box.shared_px(mine) > 0.6 * max(1, box.area) for mine in (*self.owed, *self.allowed))

    def holds(self, head: Head) -> bool:
        """Tell whether most of a head's points are of somebody who was owed a cover, or may be seen."""
        covered = [any(_lies_in(p, mine) for mine in (*self.owed, *self.allowed)) for p in head.points.tolist()]
        return 2 * sum(covered) >= len(covered)

    def may_be_seen(self, box: Box) -> bool:
        return any(box.shared_px(mine) > 0.6 * max(1, box.area) for mine in self.allowed)

    def untouched(self, box: Box) -> bool:
        """Tell whether a place is the original's in spite of all paint around it."""
        if self.original is None or self.may_be_seen(box):
            return False
        return likeness(self.original, self.result, Owed(box), self.noise) > _STAYED


class Coverage:
    """Looks for people who are not covered; holds nets, so it belongs to one thread."""

    def __init__(self) -> None:
        self._search, self._cascade, self._bodies = Search(), Cascade(), Bodies()
        self._before = Before()

    def look(  # noqa: PLR0913  one frame: both pictures, and what is known of them
        self,
        index: int,
        original: Picture | None,
        result: Picture,
        owed: Sequence[Owed],
        painted: Sequence[Box],
        allowed: Sequence[Box],
        *,
        deep: bool,
        signs: Sequence[Box] = (),
        found: Sequence[Box] = (),
    ) -> Seen:
        """Return what frame number `index` of the result shows of anyone who may not be seen.

        `owed` are the faces that had to be covered, `painted` what was painted, `allowed` where those are who may be
        seen, no larger than they are, `signs` what was drawn for the viewers: it differs, and hides nobody; `found`
        what was covered because a face was seen there, and nobody had been followed. Without an original, places that
        nobody saw and faces that nobody painted over go by the detectors alone. Any look
        compares with the original and searches for faces with CenterFace, at 256 px;
        MTCNN is asked only about what that doubts. A `deep` look searches again at 640 px, seen another way, with MTCNN
        at 384 px, and for bodies with a bare head: it takes about ten times as long, so the caller asks for it in some
        frames only, and should in the first, the last and around a finding. Raises ValueError when the two pictures
        differ in size.
        """
        seen = Seen()
        heads = (*(face.box.grown(_AROUND) for face in owed), *found)
        if original is None:
            here = _Look(index, None, result, painted, allowed, Noise(1.0, 1.0), owed=heads)
            seen.covered = [float("nan")] * len(owed)
        else:
            if original.y.shape != result.y.shape:
                raise ValueError("the original and the result differ in size")
            noise = codec_noise(original, result, (*painted, *signs))
            here = _Look(index, original, result, painted, allowed, noise, signs, heads)
            self._compare(here, original, owed, seen)
        sights = self._search.sights(result, _QUICK_PX, _DOUBT)
        sights += self._deeply(here) if deep else []
        seen.faces = [s for s in _best(sights) if s.score >= _KNOWN]
        for sight in _best(sights):
            if not here.belongs(sight.box) or here.untouched(sight.box):
                self._judge(here, sight, seen)
        if deep:
            self._bare_heads(here, seen)
        return seen

    def _compare(self, here: _Look, original: Picture, owed: Sequence[Owed], seen: Seen) -> None:
        """Compare with the original: what is owed must have changed, and what nobody painted must not."""
        for face in owed:
            palms = partial(self._before.palm_near, original, face.box)
            left = remains(original, here.result, face, here.noise, here.allowed, palms)
            seen.covered.append(left.covered)
            if left.part:
                seen.findings.append(Finding(here.index, face.box, left.score, "original"))
        for box, score in strange(original, here.result, (*here.painted, *here.allowed, *here.signs), here.noise.even):
            near = self._search.sights(here.result, _ZOOM_PX, _FACE, box.grown(0.6))
            sight = next((s for s in near if s.box.shared_px(box)), None)
            kind: Kind = "strange" if sight is None else "face"
            where, sure = (box, score) if sight is None else (sight.box, max(score, sight.score))
            seen.findings.append(Finding(here.index, where, sure, kind))

    def _bare_heads(self, here: _Look, seen: Seen) -> None:
        """Note every head that a body shows, and that nobody painted or that is the original's in spite of it."""
        for head in self._bodies.heads(here.result):
            bare = not here.holds(head) or here.untouched(head.box)
            if bare and not _known(head.box, seen.findings):
                seen.findings.append(Finding(here.index, head.box, head.score, "bare head"))

    def _deeply(self, here: _Look) -> list[Sight]:
        """Return what closer looks see: larger, from another side, and by the other detector."""
        result = here.result
        sights = self._search.sights(result, _DEEP_PX, _DOUBT)
        view = VIEWS[(here.index + here.index // _DEEP_EVERY) % len(VIEWS)]
        if view != View():
            sights += self._seen_as(view, result)
        return sights + [replace(s, score=_DOUBT) for s in self._cascade.sights(result, _VIEW_PX, _AGREED)]

    def _seen_as(self, view: View, result: Picture) -> list[Sight]:
        """Return the faces that show when the picture is turned, mirrored or lightened."""
        scale = min(1.0, _VIEW_PX / max(result.width, result.height))
        size = [max(32, round(v * scale / 32) * 32) for v in (result.width, result.height)]
        pixels = view.of(result.scaled(result.box, *size))
        place = Box(0, 0, result.height, result.width) if view.turns % 2 else result.box
        sights = self._search.seen(pixels, _DOUBT, place)
        return [view.back(s, result.width, result.height) for s in sights]

    def _judge(self, here: _Look, sight: Sight, seen: Seen) -> None:
        """Look closer with both detectors, and note the face when they believe in it."""
        if _known(sight.box, seen.findings):
            return
        around = sight.box.grown(0.7).clipped(here.result.width, here.result.height)
        closer = _on(sight.box, self._search.sights(here.result, _ZOOM_PX, _DOUBT, around))
        other = _on(sight.box, self._cascade.sights(here.result, _ZOOM_TOO_PX, 0.5, around))
        where = closer or other or sight
        if _known(where.box, seen.findings) or (here.belongs(where.box) and not here.untouched(where.box)):
            return
        scores = closer.score if closer else 0.0, other.score if other else 0.0
        best = max(sight.score, scores[0])
        agreed = min(sight.score, scores[0]) >= _DOUBT and scores[1] >= _AGREED
        if agreed or (best >= _FACE and (scores[0] >= _KNOWN or scores[1] >= 0.6)):
            seen.findings.append(Finding(here.index, where.box, max(best, scores[1] if agreed else 0), "face"))


def _lies_in(point: Sequence[float], box: Box) -> bool:
    return box.left <= point[0] < box.right and box.top <= point[1] < box.bottom


def _on(box: Box, sights: Sequence[Sight]) -> Sight | None:
    """Return the best of what was seen at a box."""
    return max((s for s in sights if s.box.overlap(box) > 0.2), key=lambda s: s.score, default=None)


def _known(box: Box, findings: Sequence[Finding]) -> bool:
    return any(f.box.overlap(box) > 0.3 for f in findings)


def _best(sights: Sequence[Sight]) -> list[Sight]:
    """Return the sights, best first, each face once."""
    kept: list[Sight] = []
    for sight in sorted(sights, key=lambda s: -s.score):
        if all(sight.box.overlap(k.box) < 0.4 for k in kept):
            kept.append(sight)
    return kept
