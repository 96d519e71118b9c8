"""The sample film, whose truth is known: its witness is followed, fitted and covered in every frame."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from veil.media import probe, read
from veil.nouns.cast import Sure
from veil.nouns.picture import Frame
from veil.nouns.plan import Plan, Role
from veil.stages.case import Case, CaseFolder
from veil.stages.dressing import CuttingRoom
from veil.stages.watch import watch

SAMPLES = Path(__file__).parent.parent.parent / "samples"
EVERY = 5  # frames between two that are looked at closely


@pytest.fixture(scope="module")
def truth() -> dict[str, NDArray[np.float32]]:
    """Return the true points and outlines of every frame."""
    with np.load(SAMPLES / "witness.npz") as stored:
        return {name: stored[name] for name in ("points_px", "oval_px", "turn_deg")}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Return the sample film, watched."""
    return watch(probe(SAMPLES / "witness.mp4"), CaseFolder(tmp_path_factory.mktemp("sample") / "case"))


def test_the_witness_is_followed(case: Case, truth: dict[str, NDArray[np.float32]]) -> None:
    """One person, one track, from the first frame to the last; fitted in nearly all of them, and near the truth."""
    assert case.frames == len(truth["oval_px"])
    assert [(t.first, t.last) for t in case.cast.tracks] == [(0, case.frames)]
    rows = case.cast.tracks[0].rows()
    fitted = rows["sure"] == Sure.FITTED
    assert fitted.mean() > 0.95
    meshes, points = np.array(rows["mesh"])[fitted, :468, :2], truth["points_px"][fitted, :, :2]
    tall = np.ptp(points[..., 1], axis=1)
    off = np.linalg.norm(meshes - points, axis=2).mean(1) / tall
    assert np.median(off) < 0.06
    assert off.max() < 0.12


@pytest.mark.parametrize("cover", ["double", "blackout"])
def test_every_frame_is_covered(case: Case, truth: dict[str, NDArray[np.float32]], cover: str) -> None:
    """Whatever stands in the witness's true outline, what goes out is the same there: at most 5 % of it still shows."""
    role = Role("double", "boris") if cover == "double" else Role("blackout")
    one, two = (CuttingRoom(case, Plan(3, {"P1": role}), {}) for _ in range(2))
    noise, shown = np.random.default_rng(8), {}
    with read(case.film) as frames:
        for frame in frames:
            if frame.index % EVERY:
                continue
            inside = np.zeros(frame.picture.y.shape, np.uint8)
            cv2.fillPoly(inside, [truth["oval_px"][frame.index].round().astype(np.int32)], 1)
            other = frame.picture.copy()
            other.y[inside > 0] = noise.integers(16, 236, int(inside.sum()), np.uint8)
            results = one.dress(frame), two.dress(Frame(frame.index, frame.at, other))
            off = np.abs(results[0].picture.y.astype(int) - results[1].picture.y)[inside > 0]
            share = float((off > 24).mean())
            if share > 0.05:
                shown[frame.index] = round(share, 3)
    assert not shown
