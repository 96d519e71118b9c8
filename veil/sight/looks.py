"""Guesses sex, only so that the double that Veil casts suits the body; the plan can say otherwise.

The net is `gear` of the human library (see its card). It is often wrong, and more often about women: it casts, it
decides nothing that protects.
"""

import cv2
import numpy as np

from veil.models import Net, onnx_net
from veil.nouns.cast import Looks
from veil.nouns.picture import Pixels

_SIDE = 198
_SHARES = (0.57, 0.64)  # of the picture's side that the net is shown: it is sure of itself and wrong, so ask twice


class Guesser:
    """Guesses looks; holds one net, so it belongs to one thread."""

    def __init__(self) -> None:
        self._net: Net = onnx_net("looks", "sight")

    def guess(self, portrait: Pixels) -> Looks:
        """Return the looks of a face that fills the middle 0.6 of a square picture."""
        side = portrait.shape[0]
        male = []
        for share in _SHARES:
            rim = round(side * (1 - share) / 2)
            small = cv2.resize(portrait[rim : side - rim, rim : side - rim], (_SIDE, _SIDE))
            (sex,) = self._net(np.asarray(small, np.float32).transpose(2, 0, 1)[None] / np.float32(255))
            male.append(float(sex[0, 0]))
        return Looks(float(np.mean(male)))
