"""Recognisers: each tells a double from another, whatever alignment found it, and its limits are in order."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces
from veil.adversary import recognisers
from veil.adversary.recognisers import NAMES, Recogniser, five_of, limits, recogniser
from veil.models import WEIGHTS
from veil.nouns.picture import Pixels, Points

PINNED = {
    "dlib_resnet": "8baa3d3c27e3897769d359ff929eddc951064069e380ba489a83c8a00f6a941f",
    "faceres": "afffc25f64017e62d3e13f2df511bdeede581385c6787cf428442ee573d11483",
    "mobilefacenet": "16da0690606dba098afba16f36d5217b9463ee605c047d2fa2d821163c5b1af8",
}
WIDTHS = (200, 60, 30)


@pytest.fixture(scope="module", params=NAMES)
def judge(request: pytest.FixtureRequest) -> Recogniser:
    """Return each recogniser in turn."""
    return recogniser(request.param)


def seen(double: str, index: int = 0, turn_deg: float = 0) -> tuple[Pixels, Points]:
    """Return a picture of a double and its mesh."""
    actor = faces.Actor(double, lambda i: faces.Pose(160, 110, 110, turn_deg + 3 * i, 2 * i, moves=faces.talking(i)))
    scene = faces.Scene((actor,), 4)
    mesh = actor.mesh(index)
    assert mesh is not None
    return scene.paint(index), mesh


def cosine(judge: Recogniser, *looks: tuple[Pixels, Points]) -> NDArray[np.float32]:
    """Return how alike the looks are, each with each."""
    rows = judge.embed([judge.chip(pixels, five_of(mesh)) for pixels, mesh in looks])
    return rows @ rows.T


def test_there_are_three_that_the_defence_never_uses() -> None:
    """At least three nets judge, pinned, each for the adversary alone; the defence's own is not among them."""
    assert len(NAMES) >= 3
    assert "mobileface" not in NAMES
    for name, sha256 in PINNED.items():
        assert WEIGHTS[name].sha256 == sha256
        assert WEIGHTS[name].roles == ("adversary",)


def test_vectors_are_of_length_one(judge: Recogniser) -> None:
    """A batch gives one vector of length 1 a face, each the same as alone."""
    looks = [seen("ada"), seen("boris", 1), seen("chen", 2)]
    chips = [judge.chip(pixels, five_of(mesh)) for pixels, mesh in looks]
    rows = judge.embed(chips)
    assert rows.shape[0] == 3
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    for chip, row in zip(chips, rows, strict=True):
        assert float(judge.embed([chip])[0] @ row) > 0.9999


def test_one_double_is_known_again_and_others_are_not(judge: Recogniser) -> None:
    """A double in another frame is verified; all the others are less alike than that."""
    own = cosine(judge, seen("ada"), seen("ada", 3))[0, 1]
    others = cosine(judge, seen("ada"), *(seen(name) for name in ("boris", "emeka", "goran", "kofi")))[0, 1:]
    assert own >= limits(judge.name, 110).frame
    assert others.max() < own


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_picture_is_the_same_face(judge: Recogniser, turn: int) -> None:
    """Five points align a face that lies on its side or on its head."""
    pixels, mesh = seen("farah")
    height, width = pixels.shape[:2]
    turned = np.rot90(pixels, turn // 90).copy()
    x, y = mesh[:, 0], mesh[:, 1]
    places = {90: (y, width - 1 - x), 180: (width - 1 - x, height - 1 - y), 270: (height - 1 - y, x)}
    moved = np.column_stack([*places[turn], mesh[:, 2]]).astype(np.float32)
    assert cosine(judge, (pixels, mesh), (turned, moved))[0, 1] > 0.99


def test_a_face_at_the_edge_and_a_large_one(judge: Recogniser) -> None:
    """A square that reaches out of the picture, or is shrunk a lot, is cut without error."""
    pixels, mesh = seen("hana")
    side = judge.chip(pixels, five_of(mesh)).shape[0]
    cut = np.ascontiguousarray(pixels[:, 150:])
    assert judge.chip(cut, five_of(mesh) - np.array([150, 0], np.float32)).shape == (side, side, 3)
    large = np.ascontiguousarray(np.repeat(np.repeat(pixels, 6, 0), 6, 1))
    assert cosine(judge, (pixels, mesh), (large, (mesh + 0.5) * 6 - 0.5))[0, 1] > limits(judge.name, 600).track
    outside = five_of(mesh) + np.array([5000, 0], np.float32)
    assert judge.chip(pixels, outside).shape == (side, side, 3)


def test_nothing_to_look_at(judge: Recogniser) -> None:
    """No face, or a face of other than five points, is a mistake of the caller."""
    with pytest.raises(ValueError, match="no faces"):
        judge.embed([])
    with pytest.raises(ValueError, match="five points"):
        judge.chip(*seen("ada"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width_px", WIDTHS)
def test_limits_are_in_order(name: str, width_px: float) -> None:
    """The stricter limit is higher, rates fall as scores rise, and what the limits promise is what the curve says."""
    bounds = limits(name, width_px)
    assert 0 < bounds.frame < bounds.track < 1
    assert 0 < bounds.accepted <= 1
    assert (np.diff(bounds.scores) > 0).all()
    assert (np.diff(bounds.rates) < 0).all()
    assert bounds.rate(bounds.frame) == pytest.approx(1e-3, rel=0.05)
    assert bounds.rate(bounds.track) == pytest.approx(1e-4, rel=0.05)
    assert bounds.rate(-1) >= bounds.rate(0.99)


def test_limits_hold_figures_and_nobody() -> None:
    """What ships of the calibration is numbers by rate, size and group: no vector, no name, no path."""
    stored = json.loads((Path(recognisers.__file__).parent / "limits.json").read_text())
    assert set(stored["recognisers"]) == set(NAMES)

    def lists(value: object) -> list[list[object]]:
        if isinstance(value, dict):
            return [one for inner in value.values() for one in lists(inner)]
        return [value, *(one for inner in value for one in lists(inner))] if isinstance(value, list) else []

    assert max(map(len, lists(stored))) < 40
    assert "/" not in json.dumps(stored["recognisers"])


def test_what_is_no_number_is_no_verdict(judge: Recogniser, monkeypatch: pytest.MonkeyPatch) -> None:
    """A net that gives anything but finite numbers raises: a face that nobody judged must not pass."""
    chip = judge.chip(seen("ada")[0], five_of(seen("ada")[1]))
    for wrong in (np.nan, np.inf):
        monkeypatch.setattr(judge, "_net", lambda _, w=wrong: [np.full((1, 8), w, np.float32)])
        with pytest.raises(ArithmeticError, match="not a number"):
            judge.embed([chip])
