"""The mesh that everyone shares: its lists fit together."""

import numpy as np
import pytest

from veil.models import topology


def test_lists_are_complete() -> None:
    """52 blendshapes, 146 points that they are read from, 852 triangles of skin and 46 of openings."""
    assert len(topology.BLENDSHAPES) == len(set(topology.BLENDSHAPES)) == 52
    assert len(np.unique(topology.BLENDSHAPE_POINTS)) == 146
    assert topology.CANONICAL.shape == (468, 3)
    assert topology.UV.shape == (468, 2)
    assert topology.SKIN.shape == (852, 3)
    assert topology.OPENINGS.shape == (46, 3)


@pytest.mark.parametrize(
    ("left", "right"),
    [(topology.LEFT_EYE, topology.RIGHT_EYE), (topology.LEFT_BROW, topology.RIGHT_BROW)],
    ids=["eyes", "brows"],
)
def test_left_is_the_persons_own(left: np.typing.NDArray[np.int64], right: np.typing.NDArray[np.int64]) -> None:
    """What is called left lies to the picture's right, mirrored point by point."""
    shape = topology.CANONICAL
    assert (shape[left, 0] > 0).all()
    assert (shape[right, 0] < 0).all()
    assert np.allclose(shape[left] * [-1, 1, 1], shape[right], atol=0.02)


def test_rings_go_round() -> None:
    """Each ring visits its points once and encloses an area."""
    for ring in (topology.OVAL, topology.INNER_LIPS, topology.OUTER_LIPS, topology.LEFT_EYE, topology.RIGHT_EYE):
        assert len(np.unique(ring)) == len(ring)
        x, y = topology.CANONICAL[ring, 0], topology.CANONICAL[ring, 1]
        assert abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) > 0.1
