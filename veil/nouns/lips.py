"""How a mouth is seen to move over time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Lips:
    """The mouth of one person of the cast, in every frame in which their face is in the picture.

    `at_s` (N,) are seconds of the film, rising; `opening` (N,) is how far the inner lips part and `width` (N,) how
    wide they are, both as shares of the face's height, so that neither distance nor turning changes them much.
    `trusted` (N,) tells in which frames the mouth was seen well enough to say whether it moves: where it is False
    the other two say nothing.
    Raises ValueError when the four do not belong together.
    """

    at_s: NDArray[np.float64]
    opening: NDArray[np.float32]
    width: NDArray[np.float32]
    trusted: NDArray[np.bool_]

    def __post_init__(self) -> None:
        if not len(self.at_s) == len(self.opening) == len(self.width) == len(self.trusted):
            raise ValueError("a mouth needs an opening, a width and a trust for every instant")
        if len(self.at_s) > 1 and not bool((np.diff(self.at_s) > 0).all()):
            raise ValueError("the instants of a mouth must rise")
