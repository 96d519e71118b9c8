"""Bodies: their cells lie where the picture's pixels are, at every step."""

import numpy as np
import pytest

from veil.nouns.body import BODY_CELLS, JOINTS, Body
from veil.nouns.picture import Box


def _half(square: Box) -> Body:
    """Return a body that fills the left half of its square."""
    share = np.zeros((BODY_CELLS, BODY_CELLS), np.uint8)
    share[:, : BODY_CELLS // 2] = 255
    return Body(square, share, np.zeros((JOINTS, 3), np.float32))


@pytest.mark.parametrize("side", [100, 256, 900])
@pytest.mark.parametrize("left", [-37, 0, 11])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_cells_lie_where_the_pixels_are(side: int, left: int, step: int) -> None:
    """The middle of the square is where likely becomes unlikely, to half a pixel or half a cell."""
    width, height = 1000, 60
    likely = _half(Box(left, -20, left + side, -20 + side)).likely(width, height, step)
    assert likely.shape == (-(-height // step), -(-width // step))
    line = likely[10 // step]
    ends = np.flatnonzero(line >= 0.5)
    edge = (ends[-1] + 1) * step
    assert abs(edge - (left + side / 2)) <= max(step, side / BODY_CELLS)
    assert line[(left + side) // step + 4 :].max(initial=0) == 0


def test_a_moved_body_keeps_its_form() -> None:
    """Moved by whole pixels, a body is the same body elsewhere, its joints too."""
    body = _half(Box(0, 0, 200, 200))
    moved = body.moved(30, -7)
    assert np.abs(moved.likely(300, 100)[:90, 30:] - body.likely(270, 97)[7:97]).max() < 1e-3
    assert (moved.joints[:, :2] == (30, -7)).all()
    assert moved.extent == Box(
        body.extent.left + 30, body.extent.top - 7, body.extent.right + 30, body.extent.bottom - 7
    )


def test_the_extent_holds_all_that_is_likely() -> None:
    """Outside its extent nothing of a body is likely."""
    body = _half(Box(50, 20, 350, 320))
    place = body.extent
    likely = body.likely(500, 400)
    likely[max(0, place.top) : place.bottom, max(0, place.left) : place.right] = 0
    assert likely.max() < 0.1
