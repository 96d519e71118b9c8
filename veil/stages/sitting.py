"""A volunteer sits: photographs or a clip go in, looks at one face come out, and what to photograph again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.unwrap import SIDE, View, skin_of
from veil.errors import VeilError
from veil.media import probe, read
from veil.models.topology import BLENDSHAPES, LEFT_EYE, OVAL, RIGHT_EYE, STILL
from veil.nouns.geometry import similarity, yaw_pitch_roll_deg
from veil.nouns.light import PLAIN, basis
from veil.nouns.picture import Box, Colour, Picture, Pixels, Points
from veil.progress import Progress, silent
from veil.sight.detector import Detector, Sighting, merged, tiles
from veil.sight.light import measure_light
from veil.sight.meshes import CROP_SIDE, Mesher, place_of_box, place_of_points
from veil.sight.motion import FRONT
from veil.sight.people import expressions

_EARS_PX = 560  # a face is looked at no larger than this from ear to ear
_LEAST = 0.5  # of a detector's and of the landmark net's belief
_CLIP_LOOKS = 150  # frames of a clip that are looked at

Weights = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Look:
    """One face in one picture."""

    view: View
    calm: Points  # (478, 3), turned to the front and its expression taken out, in the frame of `motion.FRONT`
    moves: Weights  # (52,), blendshapes less what the net reports for a calm face
    yaw_deg: float
    pitch_deg: float
    ears_px: float  # from ear to ear in the picture as it came, were the face seen from the front

    def move(self, *names: str) -> float:
        """Return the mean weight of some blendshapes."""
        return float(np.mean([self.moves[BLENDSHAPES.index(name)] for name in names]))


class Sitter:
    """Finds and fits the faces of one sitting; holds nets, so it belongs to one thread."""

    def __init__(self) -> None:
        self._detector, self._mesher = Detector(), Mesher()

    def faces(self, pixels: Pixels) -> list[Look]:
        """Return the faces in a picture (H, W, 3), largest first, without those far smaller than the largest."""
        picture = picture_of(pixels)
        longer = max(picture.width, picture.height)
        found = [s for tile in tiles(picture.width, picture.height, longer) for s in self._look(picture, tile)]
        if not found:
            every = tiles(picture.width, picture.height, max(192, longer // 2))
            found = merged([s for tile in every for s in self._look(picture, tile)])
        looks = [look for s in found if (look := self._fitted(picture, pixels, s)) is not None]
        looks.sort(key=lambda look: -look.ears_px)
        return [look for look in looks if look.ears_px > 0.35 * looks[0].ears_px]

    def _look(self, picture: Picture, tile: Box) -> list[Sighting]:
        return self._detector.look(picture, tile, _LEAST)

    def _fitted(self, picture: Picture, pixels: Pixels, seen: Sighting) -> Look | None:
        box = seen.box
        place = place_of_box(box.left, box.top, box.right, box.bottom, seen.eyes)
        for _ in range(3):
            mesh, presence, _ = self._mesher.fit(picture, place)
            if presence < _LEAST:
                return None
            place = place_of_points(mesh)
        to_crop, scale = place.to_crop(), CROP_SIDE / place.side
        flat = mesh[:, :2] @ to_crop[:, :2].T + to_crop[:, 2]
        in_crop = np.column_stack([flat, mesh[:, 2] * scale]).astype(np.float32)
        light = measure_light(picture.warped(to_crop, CROP_SIDE), in_crop)
        return self._told(pixels, mesh, light)

    def _told(self, pixels: Pixels, mesh: Points, light: NDArray[np.float32]) -> Look:
        to_front = similarity(mesh[STILL], FRONT[STILL])
        yaw, pitch, _ = yaw_pitch_roll_deg(to_front.turn)
        weights = expressions()
        moves = np.asarray(self._mesher.expression(mesh) - weights.rest, np.float32)
        front = to_front.of(mesh)
        calm = np.asarray(front - np.tensordot(moves, weights.deltas, 1), np.float32)
        ears_px = float(np.linalg.norm(front[234, :2] - front[454, :2])) / to_front.scale
        return Look(_cropped(pixels, mesh, light, ears_px), calm, moves, yaw, pitch, ears_px)


def _cropped(pixels: Pixels, mesh: Points, light: NDArray[np.float32], ears_px: float) -> View:
    """Return the face cut out with a margin, no larger than is of use."""
    low, high = mesh[:468, :2].min(0), mesh[:468, :2].max(0)
    margin = 0.25 * float((high - low).max())
    left, top = np.maximum(0, np.floor(low - margin)).astype(int)
    right, bottom = np.minimum(np.ceil(high + margin).astype(int), (pixels.shape[1], pixels.shape[0]))
    crop = np.ascontiguousarray(pixels[top : max(bottom, top + 2), left : max(right, left + 2)])
    moved = mesh - np.array([left, top, 0], np.float32)
    by = min(1.0, _EARS_PX / ears_px)
    if by < 1:
        size = max(2, round(crop.shape[1] * by)), max(2, round(crop.shape[0] * by))
        scale = np.array([size[0] / crop.shape[1], size[1] / crop.shape[0], by], np.float32)
        half = np.array([0.5, 0.5, 0], np.float32)
        moved = (moved + half) * scale - half
        crop = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)
    return View(crop, moved.astype(np.float32), light)


def picture_of(pixels: Pixels) -> Picture:
    """Return RGB pixels as a picture; an odd last row or column is left out."""
    even = np.ascontiguousarray(pixels[: pixels.shape[0] & ~1, : pixels.shape[1] & ~1])
    height, width = even.shape[:2]
    planes = cv2.cvtColor(even, cv2.COLOR_RGB2YUV_I420).astype(np.uint8, copy=False)
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    return Picture(planes[:height], chroma[0], chroma[1], Colour("bt601", full_range=False))


def photo(path: Path) -> Pixels | None:
    """Return a photograph as RGB, upright; None when the file is no photograph. Raises VeilError when unreadable."""
    try:
        stored = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise VeilError("a photo or clip cannot be read", "check its path, and that you may read it") from error
    if not stored.size:
        return None
    try:
        pixels = cv2.imdecode(stored, cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    if pixels is None or min(pixels.shape[:2]) < 32:
        return None
    return np.ascontiguousarray(pixels[:, :, ::-1], np.uint8)


# ── what is wrong with a picture ───────────────────────────────────────────────────────────────────────────────────

FRONT_DEG = 15.0
"""Up to this yaw a face counts as seen from the front."""
_SIDE_DEG, _TILT_DEG = 65.0, 20.0
PHOTO_PX, CLIP_PX = 250.0, 150.0
"""From ear to ear: what one photo must show at least, and a clip, whose frames help each other."""
_SMILE, _PARTED, _SHUT, _RAISED, _FROWN = 0.35, 0.09, 0.4, 0.35, 0.8
_LIDS = 0.15  # height of an open eye as a share of its width
_UNEVEN = 0.45  # natural logarithm of light, between the halves of the face: a factor of 1.6
_BURNT, _DARK = 0.01, 60.0  # share of the skin that is white; code value that the brightest 3 % must reach
_SHARP = {PHOTO_PX: 0.2, CLIP_PX: 0.13}  # fine detail as a share of coarser, at 256 px from ear to ear
_HAIR, _GLASSES = 0.06, 0.06  # share of the forehead; step in log light across the bridge of the nose


@dataclass(frozen=True)
class Problem:
    """What is wrong with a picture, and what to do about it."""

    said: str
    hint: str


def problems(look: Look, least_px: float = PHOTO_PX) -> list[Problem]:
    """Return everything for which a look at a face cannot make a double; none when it can."""
    found = [*_pose_problems(look, least_px), *_calm_problems(look), *_light_problems(look)]
    if sharpness(look) < _SHARP[least_px]:
        found.append(Problem("it is blurred", "hold the camera still, and focus on the eyes"))
    skin = skin_of(look.view)
    if abs(look.yaw_deg) <= FRONT_DEG and skin.hair > _HAIR:
        found.append(Problem("hair or cloth lies over the forehead", "put the hair back from the forehead and temples"))
    if abs(look.yaw_deg) <= 2 * FRONT_DEG and _bridge(skin.colour) > _GLASSES:
        found.append(Problem("there are glasses", "take the glasses off"))
    return found


def _pose_problems(look: Look, least_px: float) -> Iterator[Problem]:
    if look.ears_px < least_px:
        said = f"the face is too small: {look.ears_px:.0f} pixels from ear to ear, {least_px:.0f} are needed"
        yield Problem(said, "come nearer, or use a better camera")
    if abs(look.yaw_deg) > _SIDE_DEG or abs(look.pitch_deg) > _TILT_DEG:
        yield Problem("the head is turned or tilted too far", "hold the camera level with the eyes")


def _calm_problems(look: Look) -> Iterator[Problem]:
    calm = "look calmly into the camera, lips together and eyes open"
    if look.move("mouthSmileLeft", "mouthSmileRight") > _SMILE:
        yield Problem("the face smiles", calm)
    if parted(look) > _PARTED:
        yield Problem("the mouth is open", calm)
    if look.move("eyeBlinkLeft", "eyeBlinkRight") > _SHUT or _lids(look) < _LIDS:
        yield Problem("the eyes are closed", calm)
    if look.move("browInnerUp") > _RAISED:
        yield Problem("the brows are raised", calm)
    if look.move("browDownLeft", "browDownRight") > _FROWN:
        yield Problem("the face frowns", calm)


def _light_problems(look: Look) -> Iterator[Problem]:
    view = look.view
    even = "stand facing a window without sun, and switch off other lamps and the flash"
    lit = (basis(view.mesh) @ view.light).mean(1)[PLAIN].mean(1)
    across = FRONT[PLAIN, 0].mean(1)
    if abs(look.yaw_deg) <= FRONT_DEG and abs(float(lit[across < -1].mean() - lit[across > 1].mean())) > _UNEVEN:
        yield Problem("one half of the face lies in shade", even)
    face = view.pixels[_mask(view.pixels.shape[:2], view.mesh) > 0]
    if float((np.median(face, 1) > 248).mean()) > _BURNT:
        yield Problem("parts of the face are burnt out to white", even)
    if max(float(np.percentile(face.mean(1), 97)), _eyes_code(look)) < _DARK:  # dark skin is not a dark picture
        yield Problem("the picture is too dark", even)


def _eyes_code(look: Look) -> float:
    """Return the code value that the brightest tenth of the eyes reaches: their white tells exposure, skin does not."""
    mask = np.zeros(look.view.pixels.shape[:2], np.uint8)
    for ring in (RIGHT_EYE, LEFT_EYE):
        cv2.fillPoly(mask, [look.view.mesh[ring, :2].round().astype(np.int32)], 1)
    eyes = look.view.pixels[mask > 0].mean(1)
    return float(np.percentile(eyes, 90)) if eyes.size else 0.0


def _lids(look: Look) -> float:
    """Return the mean height of the eyes as a share of their width."""
    m, found = look.view.mesh, []
    for ring in (RIGHT_EYE, LEFT_EYE):
        height = np.linalg.norm(m[ring[2:7], :2] - m[ring[14:9:-1], :2], axis=1).mean()
        found.append(float(height) / max(float(np.linalg.norm(m[ring[8], :2] - m[ring[0], :2])), 1e-6))
    return float(np.mean(found))


def parted(look: Look) -> float:
    """Return how far the lips are apart, as a share of the mouth's width."""
    m = look.view.mesh
    return float(np.linalg.norm(m[13, :2] - m[14, :2]) / max(float(np.linalg.norm(m[61, :2] - m[291, :2])), 1e-6))


def sharpness(look: Look) -> float:
    """Return fine detail as a share of coarser detail in the face, brought to 256 px from ear to ear."""
    view = look.view
    by = 256 / min(look.ears_px, _EARS_PX)
    how = cv2.INTER_AREA if by < 1 else cv2.INTER_CUBIC
    luma = cv2.resize(cv2.cvtColor(view.pixels, cv2.COLOR_RGB2GRAY), None, fx=by, fy=by, interpolation=how)
    luma = luma.astype(np.float32)
    inside = cv2.erode(_mask(luma.shape, view.mesh * by), np.ones((15, 15))) > 0
    middle = cv2.GaussianBlur(luma, (0, 0), 1.2)
    coarse = float((middle - cv2.GaussianBlur(luma, (0, 0), 5))[inside].std())
    return float((luma - middle)[inside].std()) / max(coarse, 1e-6)


def _bridge(colour: NDArray[np.float32]) -> float:
    """Return the strongest step of light down the bridge of the nose: skin has none there, the bar of glasses has."""
    rows, columns = slice(round(0.33 * SIDE), round(0.43 * SIDE)), slice(round(0.475 * SIDE), round(0.525 * SIDE))
    logs = np.log(cv2.GaussianBlur(colour, (0, 0), 2).mean(2) + 6)
    return float(np.abs(np.diff(logs, axis=0)[rows, columns].mean(1)).max())


def _mask(shape: tuple[int, ...], mesh: Points) -> NDArray[np.uint8]:
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(mesh[OVAL, :2].round().astype(np.int32)), 1)
    return mask


# ── a whole sitting ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Sitting:
    """What a volunteer gave: calm looks, the best from the front first, and, from a clip, looks with expression."""

    calm: tuple[Look, ...]
    moved: tuple[Look, ...] = ()


def refuse(found: Sequence[tuple[str, Problem]]) -> None:
    """Raise VeilError with everything that is wrong, each with the picture it is wrong with; none: do nothing."""
    if found:
        said = list(dict.fromkeys(f"{where}: {problem.said}" for where, problem in found))
        raise VeilError("; ".join(said), "; ".join(dict.fromkeys(problem.hint for _, problem in found)))


def look_at(pixels: Pixels | None, sitter: Sitter) -> tuple[Look | None, list[Problem]]:
    """Return the one face of a photo and what is wrong with it."""
    if pixels is None:
        return None, [Problem("it is no picture that can be read", "give a JPEG or PNG")]
    looks = sitter.faces(pixels)
    if not looks:
        return None, [Problem("there is no face", "show one face, from the front")]
    if len(looks) > 1:
        return None, [Problem(f"there are {len(looks)} faces", "show one person alone, pictures on the wall included")]
    return looks[0], problems(looks[0])


def sit_for_photos(photos: Sequence[Pixels | None]) -> Sitting:
    """Return the sitting of one person in photos; raise VeilError, with all that must be photographed again."""
    sitter, found, looks = Sitter(), [], []
    for number, pixels in enumerate(photos, 1):
        look, wrong = look_at(pixels, sitter)
        found += [(f"photo {number}", problem) for problem in wrong]
        looks += [look] if look is not None else []
    if len(looks) == len(photos) and all(abs(look.yaw_deg) > FRONT_DEG for look in looks):
        found.append(("photos" if len(photos) > 1 else "photo 1", _NO_FRONT))
    refuse(found)
    return Sitting(tuple(sorted(looks, key=lambda look: (abs(look.yaw_deg) > FRONT_DEG, -sharpness(look)))))


_NO_FRONT = Problem("no face is seen from the front", "look straight into the camera")


def sit_for_clip(path: Path, progress: Progress = silent) -> Sitting:
    """Return the sitting of one person in a clip; raise VeilError when it shows no calm face from the front."""
    film, sitter = probe(path), Sitter()
    step = max(1, film.frames // _CLIP_LOOKS)
    looks: list[tuple[int, Look]] = []
    crowd = seen = 0
    with read(film) as frames:
        for frame in progress(frames, doing="looking", total=film.frames or None):
            if frame.index % step:
                continue
            seen += 1
            faces = sitter.faces(frame.picture.rgb())
            crowd += len(faces) > 1
            looks += [(frame.index, faces[0])] if len(faces) == 1 else []
            if len(looks) > 2 * _CLIP_LOOKS:  # a clip that tells no length may be long
                step *= 2
                looks = [(index, look) for index, look in looks if index % step == 0]
    if crowd > 0.1 * seen:
        refuse([("clip", Problem("there is more than one face", "film one person alone"))])
    if not looks:
        refuse([("clip", Problem("there is no face", "film one face, from the front"))])
    every = [look for _, look in looks]
    return Sitting(_calm_of(every), tuple(look for look in every if abs(look.yaw_deg) < 2 * FRONT_DEG))


def _calm_of(looks: Sequence[Look]) -> tuple[Look, ...]:
    """Return the best calm looks of a clip: three from the front, then one from each side where there is one."""
    quiet = [look for look in looks if not list(_calm_problems(look))]
    front = sorted((k for k in quiet if abs(k.yaw_deg) <= FRONT_DEG), key=lambda k: -sharpness(k))
    fit = [look for look in front[:12] if not problems(look, CLIP_PX)][:3]
    if not fit:
        nearest = front or sorted(looks, key=lambda k: abs(k.yaw_deg) + 40 * len(list(_calm_problems(k))))
        wrong = problems(nearest[0], CLIP_PX) if nearest else []
        refuse([("clip, at its best", problem) for problem in wrong] or [("clip", _NO_FRONT)])
    sides = []
    for sign in (-1, 1):
        turned = [k for k in quiet if 18 < sign * k.yaw_deg < _SIDE_DEG and abs(k.pitch_deg) < _TILT_DEG]
        turned.sort(key=lambda k: abs(abs(k.yaw_deg) - 35))
        sides += [max(turned[:6], key=sharpness)] if turned else []
    return (*fit, *sides)
