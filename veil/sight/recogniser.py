"""The defence's own recogniser: tells tracks of one person, and doubles that look like their witness.

mobileface, on the ArcFace square (Deng et al. 2019). The adversary never uses it, and nothing is proved by it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.models import Net, onnx_net
from veil.nouns.geometry import similarity
from veil.nouns.picture import Pixels, Points

ALIKE = 0.365
"""Cosine that one pair in 1,000 of different people reaches (Labeled Faces in the Wild, our alignment)."""
SAME = 0.5
"""Cosine from which two tracks are taken for one person: fewer than one wrong pair in 10,000 reaches 0.436."""

_SIDE = 112
_SQUARE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
"""Where eye centres (right, left), nose tip and mouth corners lie in the square."""


class Recogniser:
    """Turns faces into vectors; holds one net, so it belongs to one thread."""

    def __init__(self) -> None:
        self._net: Net = onnx_net("mobileface", "sight")

    def embed(self, pixels: Pixels, mesh: Points) -> NDArray[np.float32]:
        """Return the vector of length 1 of the face at `mesh` (478, 3) in RGB pixels; its cosine tells likeness."""
        p = mesh[:, :2]
        seen = np.stack([(p[33] + p[133]) / 2, (p[263] + p[362]) / 2, p[1], p[61], p[291]])
        onto = similarity(_flat(seen), _flat(_SQUARE))
        to_square = np.column_stack([onto.scale * onto.turn[:2, :2], onto.shift[:2]])
        chip = cv2.warpAffine(pixels, to_square, (_SIDE, _SIDE), borderMode=cv2.BORDER_REPLICATE)
        both = np.stack([chip, chip[:, ::-1]]).astype(np.float32).transpose(0, 3, 1, 2)
        vector = self._net(np.ascontiguousarray(both))[0].sum(0)
        return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)


def _flat(points: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.column_stack([points, np.zeros(len(points), np.float32)]).astype(np.float32)
