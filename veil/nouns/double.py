"""A face that someone lent with consent, or that nobody has."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from veil.models.topology import POINTS
from veil.nouns.picture import Pixels, Points

FOLDS = ("brows up", "frown", "smile", "squint", "pucker", "mouth open")
"""The expressions under which skin folds: forehead lines, glabella, cheeks, crow's feet, lip lines, stretched chin."""

FOLD_LOG = 0.005


@dataclass(frozen=True)
class Glasses:
    """Glasses that belong to a double. Raises ValueError for a shape that nobody draws."""

    shape: Literal["round", "square", "half"]
    rgb: tuple[int, int, int] = (38, 34, 32)
    thick: float = 0.5  # 0 wire to 1 heavy

    def __post_init__(self) -> None:
        if self.shape not in ("round", "square", "half") or not 0 <= self.thick <= 1:
            raise ValueError("glasses are round, square or half, and from 0 to 1 thick")


@dataclass(frozen=True, eq=False)
class Double:
    """Shape and skin of a double. Raises ValueError when the parts do not fit each other.

    `mesh` (478, 3): the calm face as the landmark net sees it from the front. `atlas` (side, side, 3): its skin,
    evenly lit, where `topology.UV` says. `eye` (256, 256, 3): an eyeball from the front, the iris 128 pixels wide.
    `mouth` (256, 512, 4): above the upper teeth, below the lower, alpha 0 where there is nothing. `folds` (6, side,
    side): how each expression of `FOLDS` darkens and lightens the skin, laid out like the atlas; 128 is nothing, and
    a code is worth `FOLD_LOG` in the natural logarithm of light. None for skin that does not fold.
    """

    name: str
    sex: float  # 0 female to 1 male
    age: int
    tone: int  # Monk skin tone, 1 to 10
    origin: str
    mesh: Points
    atlas: Pixels
    eye: Pixels
    mouth: NDArray[np.uint8]
    folds: NDArray[np.uint8] | None = None
    glasses: Glasses | None = None
    whiskers: bool = False  # whether its skin shows a beard or a moustache
    beard: float = 0.0  # 0 none to 1 full; its colour is the hair's
    hair_rgb: tuple[int, int, int] = (60, 48, 40)

    def __post_init__(self) -> None:
        if self.mesh.shape != (POINTS, 3) or not np.isfinite(self.mesh).all():
            raise ValueError(f"a double's mesh must be {(POINTS, 3)}")
        if self.atlas.ndim != 3 or self.atlas.shape[0] != self.atlas.shape[1] or self.atlas.shape[2] != 3:
            raise ValueError("a double's atlas must be square and RGB")
        if self.eye.shape != (256, 256, 3) or self.mouth.shape != (256, 512, 4):
            raise ValueError("a double's eye or mouth has the wrong size")
        if self.folds is not None and (self.folds.ndim != 3 or len(self.folds) != len(FOLDS)):
            raise ValueError(f"a double has {len(FOLDS)} maps of folds")
