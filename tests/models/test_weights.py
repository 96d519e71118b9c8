"""Weights: pinned, each for its own room."""

from pathlib import Path

import numpy as np
import pytest

from veil.errors import VeilError
from veil.models import WEIGHTS, onnx_net, tflite_net, weight_path, weights
from veil.models.weights import Role


@pytest.mark.parametrize("name", sorted(WEIGHTS))
def test_the_right_room_gets_its_weight(name: str) -> None:
    """A room that a weight is for gets the path of a file that is there."""
    for role in WEIGHTS[name].roles:
        assert weight_path(name, role).is_file()


@pytest.mark.parametrize("name", sorted(WEIGHTS))
@pytest.mark.parametrize("role", ["sight", "disguise", "adversary"])
def test_the_wrong_room_is_refused(name: str, role: Role) -> None:
    """A room that a weight is not for is refused, so the adversary never judges with the defence's own eyes."""
    if role in WEIGHTS[name].roles:
        pytest.skip("this is the right room")
    with pytest.raises(ValueError, match="not for"):
        weight_path(name, role)


def test_defence_and_adversary_share_no_file() -> None:
    """No file is open to both the adversary and the rooms that it judges."""
    attacked = {w.sha256 for w in WEIGHTS.values() if "adversary" in w.roles}
    defended = {w.sha256 for w in WEIGHTS.values() if set(w.roles) - {"adversary"}}
    assert not attacked & defended


@pytest.mark.parametrize("content", [None, b"", b"not a net"])
def test_a_damaged_weight_is_refused(content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that are missing, empty or changed are refused with what to do next."""
    weight = WEIGHTS["face_landmarks"]
    if content is not None:
        (tmp_path / weight.file).write_bytes(content)
    monkeypatch.setattr(weights, "_FOLDER", tmp_path)
    weight_path.cache_clear()
    try:
        with pytest.raises(VeilError, match="missing or damaged") as caught:
            weight_path("face_landmarks", "sight")
    finally:
        weight_path.cache_clear()
    assert caught.value.hint == "install Veil again"


def test_one_changed_bit_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A single flipped bit makes a weight another weight."""
    original = weight_path("face_blendshapes", "sight").read_bytes()
    changed = bytearray(original)
    changed[len(changed) // 2] ^= 1
    (tmp_path / WEIGHTS["face_blendshapes"].file).write_bytes(bytes(changed))
    monkeypatch.setattr(weights, "_FOLDER", tmp_path)
    weight_path.cache_clear()
    try:
        with pytest.raises(VeilError):
            weight_path("face_blendshapes", "sight")
    finally:
        weight_path.cache_clear()


def test_nets_answer_in_their_shapes() -> None:
    """The landmark net gives 478 points in space, the blendshape net 52 weights, CenterFace four maps of a quarter."""
    points = tflite_net("face_landmarks", "sight")(np.zeros((1, 256, 256, 3), np.float32))
    assert points[0].size == 478 * 3
    assert tflite_net("face_blendshapes", "sight")(np.zeros((1, 146, 2), np.float32))[0].size == 52
    maps = onnx_net("centerface", "adversary")(np.zeros((1, 3, 64, 96), np.float32))
    assert [m.shape for m in maps] == [(1, 1, 16, 24), (1, 2, 16, 24), (1, 2, 16, 24), (1, 10, 16, 24)]


def test_the_same_picture_gives_the_same_answer() -> None:
    """A net keeps nothing between calls: the same input gives the same numbers, whatever came between."""
    net = tflite_net("face_landmarks", "sight")
    noise = np.random.default_rng(1).random((1, 256, 256, 3), np.float32)
    first = net(noise)[0]
    net(np.zeros_like(noise))
    assert np.array_equal(net(noise)[0], first)
