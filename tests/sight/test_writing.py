"""Writing is found, small and slanted too; what is no writing is not."""

import cv2
import numpy as np
import pytest

from tests import faces
from tests.sight.written import picture_of, scenery, write
from veil.models import onnx_net
from veil.nouns.picture import Box
from veil.sight.writing import IMAGENET, Line, Writing, blocks


@pytest.fixture(scope="module", params=["ours", "opponent's"])
def writing(request: pytest.FixtureRequest) -> Writing:
    """Return each pair of eyes in turn."""
    ours = request.param == "ours"
    return Writing() if ours else Writing(onnx_net("writing_other", "adversary"), IMAGENET)


@pytest.mark.parametrize("tall", [0.5, 1.0, 2.0])
def test_a_line_is_found(writing: Writing, tall: float) -> None:
    """A line is found whatever its size, and its corners hold the letters and little else."""
    pixels = scenery(640, 360)
    plate = write(pixels, "AB 123 CD", 120, 140, tall)
    lines = [n for n in writing.look(picture_of(pixels)) if n.box.shared_px(plate)]
    held = Box.union(n.box for n in lines)
    letters = Box(plate.left + 6, plate.top + 6, plate.right - 6, plate.bottom - 12)
    assert held.shared_px(letters) > 0.8 * letters.area
    assert held.area < 3 * plate.area


def test_a_slanted_line_is_found(writing: Writing) -> None:
    """Writing turned by 25 degrees is found, and its corners are turned with it."""
    pixels = np.full((360, 640, 3), 150, np.uint8)
    write(pixels, "STAFF ENTRANCE", 160, 150)
    turn = cv2.getRotationMatrix2D((320, 180), 25, 1)
    turned = cv2.warpAffine(pixels, turn, (640, 360), borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)
    (line, *_) = writing.look(picture_of(turned))
    sides = np.linalg.norm(line.corners - np.roll(line.corners, 1, 0), axis=1)
    assert line.box.area > 1.5 * sides[0] * sides[1]


@pytest.mark.parametrize("seed", range(4))
def test_no_writing_no_line(writing: Writing, seed: int) -> None:
    """In scenery without a letter nothing is found."""
    assert writing.look(picture_of(scenery(640, 360, seed))) == []


def test_a_face_is_no_writing(writing: Writing) -> None:
    """Eyes and mouths, which the net alone takes for writing, are not."""
    assert writing.look(picture_of(faces.speaking(4).paint(0))) == []


def test_the_edge_and_nothing(writing: Writing) -> None:
    """Writing cut by the picture's edge, a flat picture and an empty part are all taken."""
    pixels = scenery(320, 180)
    write(pixels, "PHARMACY", -40, 60)
    writing.look(picture_of(pixels))
    assert writing.look(picture_of(np.full((64, 64, 3), 128, np.uint8))) == []
    assert writing.look(picture_of(pixels), tile=Box(10, 10, 10, 10)) == []


def _line(left: int, top: int, right: int, bottom: int) -> Line:
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return Line(corners, 0.9)


def test_lines_become_blocks() -> None:
    """Lines under each other and words in a row share a box; what lies apart, or round a corner, does not."""
    assert blocks([_line(10, 10, 100, 30), _line(10, 34, 100, 54), _line(104, 10, 150, 30)]) == [Box(10, 10, 150, 54)]
    assert len(blocks([_line(10, 10, 100, 30), _line(10, 100, 100, 120)])) == 2
    assert len(blocks([_line(0, 0, 200, 20), _line(190, 25, 205, 225)])) == 2
    assert blocks([]) == []
