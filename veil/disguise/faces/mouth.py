"""The inside of a double's mouth: rows of teeth that keep to skull and jaw, a tongue, and the dark deep behind."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.disguise.faces.fit import FRONT, Posed
from veil.disguise.faces.folds import Weights
from veil.disguise.faces.holes import Hole, stroke
from veil.disguise.faces.performance import expression_basis
from veil.disguise.faces.raster import overlay
from veil.models.topology import BLENDSHAPES, INNER_LIPS, STILL
from veil.nouns.geometry import similarity
from veil.nouns.picture import Points

# In widths of the closed mouth, which is about 50 mm.
_ARCH, _DEPTH = 0.56, 0.80  # half width and depth of the upper row's arch
_LENGTH = 1.5  # of a row, along the arch
_BEHIND = 0.05  # how far the front teeth lie behind the lips
_EDGE = 0.055  # how far the upper edge reaches below the line of closed lips
_ROW = 0.30  # height of a picture of a row: teeth and gum
_LOWER = 0.93  # size of the lower row, of the upper
_OVER = 0.035  # how far the upper teeth bite over the lower
_BARED = (0.2, 0.42)  # how far lips part without the jaw, in a round mouth and in a broad one
_JAW = np.array([152, 148, 377, 176, 400, 175])  # points that go with the jaw
_COLUMNS = 25

_DEEP = np.array([44, 17, 16], np.float32)
_CHEEK = np.array([104, 46, 42], np.float32)
_TONGUE = np.array([172, 92, 88], np.float32)
_TOOTH_CODE = 222.0  # what a bright tooth is in the picture of a mouth


@dataclass(frozen=True, eq=False)
class Play:
    """What the inside of a mouth does: the expression, and how far the tongue is up, 0 at rest to 1 at the teeth."""

    weights: Weights
    tongue: float = 0.0


class Mouth:
    """The inside of the mouth of a double on one witness."""

    def __init__(self, aligned: Points, neutral: Points, picture: NDArray[np.uint8]) -> None:
        """`aligned` and `neutral` (478, 3) in one frame; `picture` (256, 512, 4) of the teeth."""
        onto = similarity(FRONT[STILL], neutral[STILL])
        self._axes = onto.turn.T.astype(np.float32)  # rows: right, down, away
        self._width = float(np.linalg.norm(aligned[61] - aligned[291]))
        self._rest = (aligned[13] + aligned[14]) / 2
        chin = onto.directions(expression_basis()[BLENDSHAPES.index("jawOpen")][_JAW])
        self._drop = chin.mean(0)  # the way of the jaw of a mouth that is wide open
        closed = neutral[14] - neutral[13]  # the calm mouth may be a little open; the jaw is then down already
        self._ajar = 0.6 * max(0.0, float(closed @ self._axes[1])) / max(float(self._drop @ self._axes[1]), 1e-6)
        bleached = _bleached(picture)
        self._rows = tuple(_pyramid(_closed(half)) for half in (bleached[:128], bleached[128:]))
        self._upper = self._arch(1.0, 0.0)
        self._lower = self._arch(_LOWER, 0.03)
        self._tongue = self._tongue_grid()
        self._lift = self._width * (0.03 * self._axes[1] + 0.02 * self._axes[2])

    def _placed(self, local: NDArray[np.float32]) -> Points:
        """Return points given in mouth widths right, down, away of the middle of the closed lips."""
        return np.asarray(self._rest + self._width * (local @ self._axes), np.float32)

    def _arch(self, size: float, behind: float) -> Points:
        """Return where a row of teeth lies, (2 * _COLUMNS, 3): first its upper border, then its lower."""
        turn = np.linspace(-1.45, 1.45, 400)
        x, z = _ARCH * size * np.sin(turn), _DEPTH * size * (1 - np.cos(turn))
        way = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(z)))])
        along = way[len(way) // 2] + size * _LENGTH * np.linspace(-0.5, 0.5, _COLUMNS)
        x, z = np.interp(along, way, x), np.interp(along, way, z)
        z = z + _BEHIND + behind
        smile = 0.05 * size * np.square(x / (_ARCH * size))  # the side teeth reach less far down
        if size == 1.0:
            low = _EDGE + 0.035 - smile
            high = low - _ROW
        else:
            high = _EDGE - _OVER - 0.045 + 0.4 * smile
            low = high + _ROW * size
        rows = [np.stack([x, np.broadcast_to(y, x.shape), z], 1) for y in (high, low)]
        return self._placed(np.concatenate(rows).astype(np.float32))

    def _tongue_grid(self) -> Points:
        """Return the tongue's back, (_TONGUE_ROWS * _TONGUE_COLUMNS, 3), tip first."""
        u, v = np.meshgrid(np.linspace(-1, 1, _TONGUE_COLUMNS), np.linspace(0, 1, _TONGUE_ROWS))
        wide = 0.36 * np.sqrt(np.clip(1 - (1 - np.clip(v * 1.8, 0, 1)) ** 2, 0.02, 1))
        x = u * wide
        y = _EDGE + 0.03 - 0.12 * np.sin(np.pi * np.clip(v, 0.06, 0.6)) + 0.11 * u * u + 0.02 * np.exp(-20 * u * u)
        z = 0.10 + 0.75 * v
        return self._placed(np.stack([x, y, z], -1).reshape(-1, 3).astype(np.float32))

    def jaw(self, weights: Weights, beyond: float = 0.0) -> Points:
        """Return how far the jaw is from where a closed mouth has it, (3,), in the calm face's frame.

        A grin moves lips and chin, but not the teeth: only what looks like an open jaw counts. Lips that part by
        `beyond` mouth widths more than they can without the jaw have taken it along.
        """
        least = beyond * self._width / max(float(self._drop @ self._axes[1]), 1e-6)
        return np.asarray(max(weights["jawOpen"] + self._ajar, least) * self._drop, np.float32)

    def _beyond(self, posed: Posed) -> float:
        """Return how much further the lips part than without the jaw, in mouth widths: a broad mouth bares teeth."""
        unit = max(self._width * posed.head.scale, 1e-6)
        parted = float(np.linalg.norm(posed.mesh[14] - posed.mesh[13])) / unit
        broad = float(np.clip((np.linalg.norm(posed.mesh[61] - posed.mesh[291]) / unit - 1.0) / 0.15, 0, 1))
        return max(0.0, parted - _BARED[0] - (_BARED[1] - _BARED[0]) * broad)

    def paint(self, hole: Hole, posed: Posed, play: Play, finer: int, white: NDArray[np.float32]) -> None:
        """Paint the inside into the hole between the lips; `white` (3,) is a bright tooth's colour in this light."""
        shape = hole.mask.shape
        unit = self._width * posed.head.scale * finer
        light = np.asarray(white / 255, np.float32)
        soft = _soft(hole.mask, max(0.5, 0.05 * unit))
        deep = np.clip(_soft(hole.mask, max(0.5, 0.13 * unit)) * 1.5, 0, 1)[..., None]
        colour = ((_CHEEK + (_DEEP - _CHEEK) * deep) * light).astype(np.float32)
        jaw = self.jaw(play.weights, self._beyond(posed))

        def placed(points: Points) -> Points:
            flat = posed.head.of(points)
            flat[:, :2] = (flat[:, :2] + 0.5) * finer - 0.5 - (hole.left, hole.top)
            return flat

        x_dir = posed.head.turn @ self._axes[0]
        front = 1.0 if x_dir[0] >= 0 else -1.0
        # Behind the upper teeth a tongue does not sink with the jaw.
        self._lay_tongue(colour, placed(self._tongue + (1 - play.tongue) * jaw - play.tongue * self._lift), light)
        bright = np.minimum(1.08 * white, 240) / _TOOTH_CODE
        for points, pictures, lit in (
            (self._lower + jaw, self._rows[1], (0.8, 0.92)),  # in the shade of the upper row
            (self._upper, self._rows[0], (0.94, 1.02)),
        ):
            gains = np.concatenate([lit[0] * _TOOTH_LIGHT, lit[1] * _TOOTH_LIGHT])[:, None] * bright
            picture = pictures[int(np.clip(np.floor(np.log2(512 / max(_LENGTH * unit, 1.0))), 0, len(pictures) - 1))]
            overlay(_ROW_TRIANGLES, placed(points), _ROW_PLACES, gains.astype(np.float32), picture, front, colour)
        lip = cv2.warpAffine(soft, np.array([[1, 0, 0], [0, 1, 0.035 * unit]], np.float32), shape[::-1])
        colour *= np.clip(0.3 + 0.95 * np.minimum(lip, soft), 0.3, 1)[..., None]
        hole.lay(colour)
        self._draw_seam(hole, (posed.mesh[:, :2] + 0.5) * finer - 0.5, unit, light)

    @staticmethod
    def _draw_seam(hole: Hole, points: NDArray[np.float32], unit: float, light: NDArray[np.float32]) -> None:
        """Draw the dark line where lips meet; it goes as they part."""
        below, above = points[INNER_LIPS[:11]], points[INNER_LIPS[[0, *range(19, 9, -1)]]]
        apart = float(np.linalg.norm(below - above, axis=1).max()) / max(unit, 1e-6)
        shut = float(np.clip(1 - apart / 0.06, 0, 1))
        if shut > 0:
            line = (below + above) / 2 - (hole.left, hole.top)
            mark = stroke(line.astype(np.float32), hole.mask.shape, max(0.5, 0.018 * unit))
            hole.shade(0.6 * shut * mark, 1.6 * _DEEP * light)

    def _lay_tongue(self, colour: NDArray[np.float32], points: Points, light: NDArray[np.float32]) -> None:
        gains = (_TONGUE_LIGHT[:, None] * (_TONGUE * light) / 255).astype(np.float32)
        overlay(_TONGUE_TRIANGLES, points, _TONGUE_PLACES, gains, _TONGUE_SKIN, 0.0, colour)


def _soft(mask: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT), np.float32)


def _bleached(mouth: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return teeth (H, W, 4) with some of their colour gone: the light of the shot brings its own."""
    paler = mouth.copy()
    grey = mouth[..., :3].mean(2, keepdims=True) * 1.06
    tooth = mouth[..., 1:2] > 0.75 * mouth[..., :1]  # gums keep their red
    share = np.where(tooth, 0.25, 0.2)
    paler[..., :3] = np.clip((1 - share) * mouth[..., :3] + share * grey, 0, 255)
    return paler


def _closed(row: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a row of teeth whose gaps show the sides of teeth, as mouths do: not the dark behind."""
    alpha = row[..., 3]
    shut = cv2.morphologyEx(alpha, cv2.MORPH_CLOSE, np.ones((1, 25), np.uint8))
    there = (alpha > 127).astype(np.float32)
    weight = np.maximum(cv2.blur(there, (31, 31)), 0.02)[..., None]
    near = cv2.blur(row[..., :3].astype(np.float32) * there[..., None], (31, 31)) / weight
    own = (alpha / 255.0)[..., None]
    filled = row.copy()
    filled[..., :3] = np.clip(row[..., :3] * own + 0.62 * near * (1 - own), 0, 255)
    # Seen from a step away, teeth are one light row: each is round, and between them lie soft shadows, no lines.
    round_off = cv2.GaussianBlur(alpha.astype(np.float32) / 255, (0, 0), 6)[..., None]
    soft = cv2.GaussianBlur(filled[..., :3].astype(np.float32), (0, 0), 4)
    filled[..., :3] = np.clip((0.3 * filled[..., :3] + 0.7 * soft) * (0.64 + 0.38 * round_off), 0, 255)
    filled[..., 3] = np.maximum(alpha, shut)
    return filled


def _pyramid(row: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Return a row of teeth at 1, 1/2, 1/4, ... of its size, colour times alpha."""
    levels = [row.astype(np.float32)]
    levels[0][..., :3] *= levels[0][..., 3:] / 255
    while levels[-1].shape[1] > 32:
        levels.append(np.asarray(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)))
    return [np.clip(level + 0.5, 0, 255).astype(np.uint8) for level in levels]


def _grid(rows: int, columns: int) -> NDArray[np.int32]:
    """Return the triangles of a grid of points, row by row."""
    cells = []
    for r in range(rows - 1):
        for c in range(columns - 1):
            a, b = r * columns + c, (r + 1) * columns + c
            cells += [(a, a + 1, b), (a + 1, b + 1, b)]
    return np.array(cells, np.int32)


_TONGUE_ROWS, _TONGUE_COLUMNS = 7, 9
_ROW_TRIANGLES = _grid(2, _COLUMNS)
_TONGUE_TRIANGLES = _grid(_TONGUE_ROWS, _TONGUE_COLUMNS)[::-1].copy()  # the far end first
_across = np.linspace(0, 1, _COLUMNS)
_ROW_PLACES = np.stack([np.tile(_across, 2), np.repeat([0.0, 1.0], _COLUMNS)], 1).astype(np.float32)
_TOOTH_LIGHT = (1.03 - 0.66 * np.abs(2 * _across - 1) ** 1.8).astype(np.float32)  # cheeks take the light from the sides
_u, _v = np.meshgrid(np.linspace(0, 1, _TONGUE_COLUMNS), np.linspace(0, 1, _TONGUE_ROWS))
_TONGUE_PLACES = np.stack([_u.ravel(), _v.ravel()], 1).astype(np.float32)
_side = np.abs(2 * _u.ravel() - 1)
_TONGUE_LIGHT = np.asarray(
    (1.0 - 0.7 * _v).ravel() * (1 - 0.4 * _side**2) * (1 - 0.15 * np.exp(-25 * _side**2)), np.float32
)


def _speckles() -> NDArray[np.uint8]:
    """Return the skin of a tongue, (64, 64, 4)."""
    noise = np.random.default_rng(5).normal(0, 9, (64, 64)).astype(np.float32)
    grey = np.clip(238 + cv2.GaussianBlur(noise, (0, 0), 1.2), 0, 255)
    return np.dstack([grey, grey, grey, np.full_like(grey, 255)]).astype(np.uint8)


_TONGUE_SKIN = _speckles()
