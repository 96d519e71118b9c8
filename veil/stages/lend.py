"""Lend: photos or a clip of a volunteer go in, a double comes out; of five volunteers or more, a face of nobody."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.adversary.recognisers import NAMES, five_of, limits, recogniser
from veil.disguise import wardrobe
from veil.disguise.faces.creases import STRONG, Pulled, folds_of, pulls
from veil.disguise.faces.double import FaceDouble
from veil.disguise.faces.openings import coloured_eye, coloured_mouth, iris_colour, iris_of, teeth_colour
from veil.disguise.faces.unwrap import SIDE, Skin, View, atlas_of, even_colour, inside, skin_of
from veil.errors import VeilError
from veil.models.topology import INNER_LIPS, STILL
from veil.nouns.cast import Face, Sure
from veil.nouns.double import Double
from veil.nouns.geometry import similarity
from veil.nouns.light import FLOOR, LIGHT_TERMS
from veil.nouns.picture import Box, Pixels, Points
from veil.progress import Progress, silent
from veil.sight.looks import Guesser
from veil.sight.motion import FRONT
from veil.sight.recogniser import ALIKE, Recogniser
from veil.stages.sitting import (
    FRONT_DEG,
    Look,
    Problem,
    Sitter,
    Sitting,
    look_at,
    parted,
    photo,
    refuse,
    sit_for_clip,
    sit_for_photos,
)

LEAST_OF = 5
"""How many volunteers a composite has at least."""
_LENT, _COMPOSED = "lent by a volunteer, with consent", "composite of {} volunteers, each with consent"
_FOLD_LOOKS = 5  # frames of a clip looked at for each fold
_NOBODY = (0.0, 0.2, 0.35, 0.5)  # how much of an invented face goes into a composite, until nobody is recognised
_STRANGER = 0.5  # of the way to the limit: whoever is nearer to a head than this is not looked for on it
_PX_A_CM = 15.0  # shipped doubles are drawn at about this scale


@dataclass(frozen=True)
class Told:
    """What the user says of a double and no picture tells."""

    name: str
    age: int = 40
    sex: float | None = None  # 0 female to 1 male; None lets Veil guess


@dataclass(frozen=True, eq=False)
class Made:
    """A new double, and how it was made."""

    double: Double
    views: int
    near: tuple[float, ...] = ()  # of a composite: how near each volunteer comes to being recognised; 1 is the limit


def make(told: Told, sources: Sequence[Path], progress: Progress = silent) -> Made:
    """Make a double of one person from photos, or from one clip.

    Raises VeilError with everything that is wrong with the pictures, and with what to photograph again.
    """
    pictures = [photo(path) for path in sources]
    clip = len(sources) == 1 and pictures[0] is None
    sitting = sit_for_clip(sources[0], progress) if clip else sit_for_photos(pictures)
    if not clip:
        _check_one_person(sitting.calm)
    first = sitting.calm[0]
    even = even_colour(first.view)
    skins = [skin_of(look.view, even) for look in sitting.calm]
    front = [look for look in sitting.calm if abs(look.yaw_deg) <= FRONT_DEG]
    irises = [c for look in front if (c := iris_colour(*_parts(look.view))) is not None]
    shown = sorted((k for k in sitting.moved if parted(k) > 0.1), key=lambda k: -parted(k))[:8]
    teeth = [c for look in shown if (c := teeth_colour(*_parts(look.view))) is not None]
    double = _double(
        replace(told, sex=_sex(front) if told.sex is None else told.sex),
        _calm_mesh(sitting.calm + sitting.moved),
        atlas_of(skins),
        np.median(irises, 0) if irises else None,
        np.median(teeth, 0) if teeth else None,
        _LENT,
    )
    return Made(replace(double, folds=_folds(sitting, skins[0], even)), len(sitting.calm))


def compose(told: Told, sources: Sequence[Path]) -> Made:
    """Make one double of five people or more, each on one photo, in which none of them is recognised.

    Raises VeilError when a photo does not serve, two show one person, or somebody stays recognisable in the result.
    """
    if len(sources) < LEAST_OF:
        raise VeilError(
            f"a composite needs {LEAST_OF} volunteers or more, not {len(sources)}", "give one photo of each"
        )
    looks = _members([photo(path) for path in sources])
    _check_strangers(looks)
    even = np.mean([even_colour(look.view) for look in looks], 0).astype(np.float32)
    skins = [skin_of(look.view, even) for look in looks]
    irises = [c for look in looks if (c := iris_colour(*_parts(look.view))) is not None]
    told = replace(told, sex=_sex(looks) if told.sex is None else told.sex)
    invented = _invented(np.exp(even) - FLOOR)
    skins.append(Skin(_toned(invented.atlas, even), inside(), 0.0))
    calms = np.stack([*(look.calm for look in looks), _front(invented)])
    near = [0.0] * len(looks)
    for nobody in _NOBODY:
        share = np.append(np.full(len(looks), (1 - nobody) / len(looks)), nobody)
        mesh = np.asarray(np.tensordot(share, calms, 1), np.float32)
        origin = _COMPOSED.format(len(looks)) + (f", and for {nobody:.0%} a face nobody has" if nobody else "")
        atlas = atlas_of([_averaged(skins, share)])
        double = _double(told, mesh, atlas, np.mean(irises, 0) if irises else None, None, origin)
        near = _nearness(double, looks)
        if max(near) < 1:
            return Made(double, len(looks), tuple(near))
    known = [f"photo {i}" for i, score in enumerate(near, 1) if score >= 1]
    raise VeilError(
        f"{' and '.join(known)} can still be recognised in the composite",
        "give photos of more people, or leave these out",
    )


# ── one person ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _parts(view: View) -> tuple[Pixels, Points, NDArray[np.float32]]:
    return view.pixels, view.mesh, view.light


def _check_one_person(looks: Sequence[Look]) -> None:
    """Raise VeilError unless all looks are of one person, by the defence's own recogniser."""
    judge = Recogniser()
    own = judge.embed(looks[0].view.pixels, looks[0].view.mesh)
    others = [judge.embed(look.view.pixels, look.view.mesh) for look in looks[1:]]
    if any(float(other @ own) < ALIKE for other in others):
        raise VeilError("the photos do not show one and the same person", "give photos of one person only")


def _calm_mesh(looks: Sequence[Look]) -> Points:
    """Return the calm face (478, 3) of looks in which frontal and calm ones count most, at the scale of the wardrobe.

    Like a witness's calm face in `sight.people`: a median, so that one bad fit is outvoted.
    """
    weights = np.array(
        [1 / (1 + (k.yaw_deg / 12) ** 2 + (k.pitch_deg / 15) ** 2 + float(np.abs(k.moves[1:]).sum())) for k in looks]
    )
    stacked = np.stack([look.calm for look in looks])
    order = np.argsort(stacked, axis=0)
    ranked = np.cumsum(weights[order], axis=0)
    middle = (ranked < ranked[-1] / 2).sum(0)
    return np.asarray(np.take_along_axis(np.take_along_axis(stacked, order, 0), middle[None], 0)[0], np.float32)


_LOWER, _UPPER = INNER_LIPS[1:10], INNER_LIPS[19:10:-1]


def _closed(calm: Points) -> Points:
    """Return a calm face whose lips meet: nobody's quite do to the landmark net, and teeth would peep out."""
    closed = calm.copy()
    closed[_LOWER] = closed[_UPPER] = (calm[_LOWER] + calm[_UPPER]) / 2
    return closed


def _double(
    told: Told,
    calm: Points,
    atlas: Pixels,
    iris: NDArray[np.floating] | None,
    teeth: NDArray[np.floating] | None,
    origin: str,
) -> Double:
    """Return a double with eyes and teeth of the shipped ones that are most like it."""
    shipped = [wardrobe.double(name) for name in wardrobe.names()]
    skin = np.median(atlas[300:700:8, 300:700:8].reshape(-1, 3), 0)
    like = min(shipped, key=lambda d: float(np.abs(_skin(d) - skin).sum()))
    eyed = like if iris is None else min(shipped, key=lambda d: float(np.abs(iris_of(d) - iris).sum()))
    return Double(
        told.name,
        0.5 if told.sex is None else told.sex,
        told.age,
        like.tone,
        origin,
        np.asarray(_closed(calm) * _PX_A_CM + 256, np.float32),
        atlas,
        coloured_eye(eyed, None if iris is None else np.asarray(iris, np.float32)),
        coloured_mouth(like, None if teeth is None else np.asarray(teeth, np.float32)),
    )


def _skin(double: Double) -> NDArray[np.float64]:
    return np.asarray(np.median(double.atlas[300:700:8, 300:700:8].reshape(-1, 3), 0), np.float64)


def _sex(looks: Sequence[Look]) -> float:
    """Return a guess, 0 female to 1 male, for the wardrobe's list and for casting."""
    guesser = Guesser()
    return round(float(np.mean([guesser.guess(_portrait(look.view)).sex for look in looks])), 2)


def _portrait(view: View, side: int = 256) -> Pixels:
    low, high = view.mesh[:468, :2].min(0), view.mesh[:468, :2].max(0)
    scale = side * 0.6 / float((high - low).max())
    onto = np.column_stack([np.eye(2) * scale, side / 2 - scale * (low + high) / 2])
    return np.asarray(cv2.warpAffine(view.pixels, onto, (side, side), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _folds(sitting: Sitting, calm: Skin, even: NDArray[np.float32]) -> NDArray[np.uint8] | None:
    """Return the folds that a clip shows; None of photos, and of a clip without expression."""
    weights = {id(look): pulls(look.moves) for look in sitting.moved}
    chosen: dict[int, Look] = {}
    for number in range(len(next(iter(weights.values()), ()))):
        strong = sorted(sitting.moved, key=lambda k: -float(weights[id(k)][number]))[:_FOLD_LOOKS]
        chosen |= {id(look): look for look in strong if weights[id(look)][number] > STRONG}
    frames = [Pulled(skin_of(look.view, even), weights[key]) for key, look in chosen.items()]
    return folds_of(calm, frames) if frames else None


# ── many people ────────────────────────────────────────────────────────────────────────────────────────────────────


def _members(photos: Sequence[Pixels | None]) -> list[Look]:
    """Return one calm look from the front at each person; raise VeilError with all that is wrong."""
    sitter, found, looks = Sitter(), [], []
    for number, pixels in enumerate(photos, 1):
        look, wrong = look_at(pixels, sitter)
        found += [(f"photo {number}", problem) for problem in wrong]
        if look is not None:
            looks.append(look)
            if abs(look.yaw_deg) > FRONT_DEG:
                aside = Problem("the face is not seen from the front", "look straight into the camera")
                found.append((f"photo {number}", aside))
    refuse(found)
    return looks


def _check_strangers(looks: Sequence[Look]) -> None:
    """Raise VeilError when two photos show one person: a composite of five must be of five."""
    judge = Recogniser()
    vectors = np.stack([judge.embed(look.view.pixels, look.view.mesh) for look in looks])
    alike = np.triu(vectors @ vectors.T, 1)
    if float(alike.max()) > ALIKE:
        i, j = np.unravel_index(int(alike.argmax()), alike.shape)
        raise VeilError(f"photo {i + 1} and photo {j + 1} may show one person", "give one photo of each volunteer")


def _averaged(skins: Sequence[Skin], share: NDArray[np.float64]) -> Skin:
    """Return the mean skin, each octave of its detail brought back to the strength that single skins have.

    Averaging blurs what does not lie in the same place; what each band lost is given back around each texel, up to
    a limit, so that pores and lashes are as crisp as on one face and still nobody's.
    """
    worth = np.stack([s.worth for s in skins]) * share[:, None, None].astype(np.float32) + 1e-6
    worth /= worth.sum(0)
    total = np.zeros_like(skins[0].colour)
    rest = [s.colour for s in skins]
    for sigma in (1.0, 2.0, 4.0, 8.0, 16.0):
        soft = [np.asarray(cv2.GaussianBlur(r, (0, 0), sigma), np.float32) for r in rest]
        bands = [r - s for r, s in zip(rest, soft, strict=True)]
        mean = np.asarray(sum(w[..., None] * b for w, b in zip(worth, bands, strict=True)), np.float32)
        wanted = sum(w * _power(b) for w, b in zip(worth, bands, strict=True))
        gain = np.sqrt(wanted / np.maximum(_power(mean), 1e-3))
        total += mean * np.clip(gain, 1, 2.2 if sigma <= 4 else 1.3)[..., None]
        rest = soft
    total += sum(w[..., None] * r for w, r in zip(worth, rest, strict=True))
    seen = np.asarray((np.stack([s.worth for s in skins]) * share[:, None, None]).sum(0), np.float32)
    return Skin(np.asarray(np.clip(total, 0, 255), np.float32), seen, 0.0)


def _power(band: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean square of a band's light around each texel."""
    return np.asarray(cv2.GaussianBlur(np.square(band.mean(2)), (0, 0), 24), np.float32)


def _invented(skin: NDArray[np.floating]) -> Double:
    """Return the shipped double whose skin is nearest to a colour (3,)."""
    shipped = (wardrobe.double(name) for name in wardrobe.names())
    return min(shipped, key=lambda d: float(np.abs(_skin(d) - skin).sum()))


def _toned(atlas: Pixels, even: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return an atlas brought to a complexion, its log colour (3,)."""
    large = cv2.resize(atlas, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    own = np.log(np.median(large[300:700, 300:700].reshape(-1, 3), 0) + FLOOR)
    return np.asarray(np.clip((large + FLOOR) * np.exp(even - own) - FLOOR, 0, 255), np.float32)


def _front(double: Double) -> Points:
    """Return a double's calm face in the frame of `motion.FRONT`."""
    return similarity(double.mesh[STILL], FRONT[STILL]).of(double.mesh)


def _nearness(double: Double, looks: Sequence[Look]) -> list[float]:
    """Return for each volunteer how near any recogniser comes to knowing them in the double; 1 is the limit.

    Each recogniser, the defence's own and the adversary's, sees the double on every other volunteer's head, as a
    witness would wear it, and alone before a grey wall. A head that by itself already looks like somebody tells
    nothing of the double, and is left out for them.
    """
    faces = [(look.view.pixels, look.view.mesh) for look in looks]
    shown = [*(_worn(double, look.view, look.calm) for look in looks), _alone(double)]
    own = Recogniser()
    mine, seen = (np.stack([own.embed(*face) for face in some]) for some in (faces, shown))
    near = _nearest(mine @ mine.T / ALIKE, mine @ seen.T / ALIKE)
    for name in NAMES:
        judge, limit = recogniser(name), limits(name, 1000)
        mine, seen = (judge.embed([judge.chip(p, five_of(m)) for p, m in some]) for some in (faces, shown))
        themselves, scores = (np.vectorize(limit.near)(pairs) for pairs in (mine @ mine.T, mine @ seen.T))
        near = np.maximum(near, _nearest(themselves, scores))
    return [round(float(n), 3) for n in near]


def _nearest(themselves: NDArray[np.floating], scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the best of each row of `scores` (k, k + 1), less the heads on which that person is not looked for."""
    usable = np.column_stack([themselves < _STRANGER, np.ones(len(scores), bool)])
    return np.asarray(np.where(usable, scores, -np.inf).max(1), np.float64)


def _worn(double: Double, view: View, calm: Points) -> tuple[Pixels, Points]:
    face = Face(Fraction(0), Box.around(view.mesh[:468]), view.mesh, Sure.FITTED, view.light)
    return FaceDouble(double, calm).wear(view.pixels, face, 0), view.mesh


def _alone(double: Double) -> tuple[Pixels, Points]:
    """Return the double calm, from the front, before a grey wall, 300 pixels wide, and its mesh."""
    calm = _front(double)
    mesh = calm * (250 / float(np.ptp(calm[:468, 0])))
    mesh[:, :2] += 200 - (mesh[:468, :2].min(0) + mesh[:468, :2].max(0)) / 2
    light = np.zeros((LIGHT_TERMS, 3), np.float32)
    light[0] = np.log(_skin(double) + FLOOR)
    face = Face(Fraction(0), Box.around(mesh[:468]), mesh.astype(np.float32), Sure.FITTED, light)
    return FaceDouble(double, calm).wear(np.full((400, 400, 3), 128, np.uint8), face, 0), face.mesh
