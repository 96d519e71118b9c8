"""Coverage of a single frame: what shows is named, what is covered is left alone, who may be seen is no finding."""

from dataclasses import replace

import numpy as np
import pytest

from tests import faces
from veil.adversary.bodies import Head
from veil.adversary.coverage import Coverage, Owed, Seen
from veil.adversary.remains import codec_noise, remains
from veil.adversary.strange import strange
from veil.disguise import wardrobe
from veil.disguise.faces.double import FaceDouble
from veil.nouns.picture import Box, Picture, Points

SCENE = faces.speaking(2)


@pytest.fixture(scope="module")
def coverage() -> Coverage:
    """Return one searcher for all tests."""
    return Coverage()


def _mesh() -> Points:
    mesh = SCENE.actors[0].mesh(0)
    assert mesh is not None
    return mesh


def _frame() -> tuple[Picture, Picture, Owed, Box]:
    """Return a frame, the same with a double in it, what is owed, and where it was painted."""
    original, mesh = faces.picture_of(SCENE.paint(0)), _mesh()
    face = faces.face_of(mesh)
    double = FaceDouble(wardrobe.double("boris"), faces.calm_face("farah"))
    place = original.even(double.reach(face))
    result, patch = original.copy(), original.rgb(place)
    result.paste(place, patch, double.wear(patch, face.moved(-place.left, -place.top), 1))
    return original, result, Owed(face.box, mesh), place


def _kinds(seen: Seen) -> set[str]:
    return {f.kind for f in seen.findings}


def test_a_covered_face_is_no_finding(coverage: Coverage) -> None:
    """A double where it is owed is left alone, is seen as a face for the recognisers, and covers nearly everything."""
    original, result, owed, place = _frame()
    seen = coverage.look(0, original, result, [owed], [place], [], deep=True)
    assert not seen.findings
    assert seen.covered[0] > 0.85
    assert max(s.box.overlap(Box.around(owed.outline)) for s in seen.faces) > 0.4


def test_an_uncovered_face_is_named(coverage: Coverage) -> None:
    """The original under its own paint is found by comparison; with nothing owed and nothing painted, by detectors."""
    original, _, owed, place = _frame()
    seen = coverage.look(0, original, original, [owed], [place], [], deep=False)
    assert "original" in _kinds(seen)
    assert seen.covered[0] < 0.05
    assert "face" in _kinds(coverage.look(0, original, original, [], [], [], deep=False))
    assert "face" in _kinds(coverage.look(0, None, original, [], [], [], deep=False))


def test_an_untouched_face_inside_other_paint_is_found(coverage: Coverage) -> None:
    """A face that nobody owed, inside a box that was painted for somebody else, is a face all the same."""
    original, *_ = _frame()
    assert "face" in _kinds(coverage.look(0, original, original, [], [original.box], [], deep=False))


def test_who_may_be_seen_is_no_finding(coverage: Coverage) -> None:
    """Somebody who may be seen is no finding, by any search."""
    original, _, owed, _ = _frame()
    assert not coverage.look(0, original, original, [], [], [owed.box.grown(0.25)], deep=True).findings


def test_without_an_original_cover_is_not_known(coverage: Coverage) -> None:
    """Without an original the detectors work, and the share that is covered is not a number."""
    _, result, owed, place = _frame()
    seen = coverage.look(0, None, result, [owed], [place], [], deep=True)
    assert not seen.findings
    assert np.isnan(seen.covered[0])


def test_pictures_of_different_size_are_refused(coverage: Coverage) -> None:
    """A result of another size than the original is a bug, not a finding."""
    original, *_ = _frame()
    with pytest.raises(ValueError, match="differ in size"):
        coverage.look(0, original, faces.picture_of(faces.backdrop(64, 48, 1)), [], [], [], deep=False)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_faces_lying_and_upside_down_are_found(coverage: Coverage, turns: int) -> None:
    """A face turned by a quarter, two or three is found within six deep looks."""
    pixels = np.ascontiguousarray(np.rot90(SCENE.paint(0), turns))
    picture = faces.picture_of(pixels)
    kinds = [_kinds(coverage.look(12 * k, None, picture, [], [], [], deep=True)) for k in range(6)]
    assert any("face" in k for k in kinds)


def test_what_is_put_elsewhere_is_strange(coverage: Coverage) -> None:
    """Something put where nobody painted is found, whatever it is; noise that a camera or a codec makes is not."""
    original, result, owed, place = _frame()
    changed = result.copy()
    changed.y[10:34, 10:34] ^= 24
    found = coverage.look(0, original, changed, [owed], [place], [], deep=False).findings
    assert [f.kind for f in found] == ["strange"]
    assert found[0].box.shared_px(Box(10, 10, 34, 34)) > 300
    grain = np.random.default_rng(1).normal(0, 3, result.y.shape)
    grainy = replace(result, y=np.clip(result.y + grain, 0, 255).astype(np.uint8))
    assert not strange(original, grainy, [place], codec_noise(original, grainy, [place]).even)


def test_a_fade_to_black_shows_nobody() -> None:
    """Where the original itself shows nothing, nothing of it is left."""
    black = faces.picture_of(np.full((120, 160, 3), 2, np.uint8))
    left = remains(black, black, Owed(Box(40, 20, 100, 90)), codec_noise(black, black, []))
    assert not left.part
    assert left.covered == 1.0


def test_a_face_outside_the_picture_is_covered() -> None:
    """A face that lies outside of the picture, or is a pixel wide, leaves nothing."""
    original, *_ = _frame()
    noise = codec_noise(original, original, [original.box])
    for box in (Box(900, 900, 960, 980), Box(-90, 10, -20, 90), Box(50, 50, 51, 51)):
        assert remains(original, original, Owed(box), noise).covered == 1.0


@pytest.mark.parametrize("scene", [faces.crossing(), faces.hand_over_face()], ids=["crossing", "hand"])
def test_a_dark_head_is_no_mirrored_face(scene: faces.Scene) -> None:
    """A head in shadow is flat: what noise is in it may look like anything, and is nothing."""
    double = FaceDouble(wardrobe.double("boris"), faces.calm_face("farah"))
    for index in range(0, scene.frames, 4):
        original = faces.picture_of(scene.paint(index))
        result, owed = original.copy(), []
        for mesh in (m for actor in scene.actors if (m := actor.mesh(index)) is not None):
            face = faces.face_of(mesh, strength=1.0)
            place = original.even(double.reach(face))
            patch = result.rgb(place)
            result.paste(place, patch, double.wear(patch, face.moved(-place.left, -place.top), index))
            owed.append(Owed(face.box, mesh))
        noise = codec_noise(original, result, [o.box.grown(0.5) for o in owed])
        assert not [left.part for o in owed if (left := remains(original, result, o, noise)).part]


@pytest.mark.parametrize(("contrast", "part"), [(0.05, ""), (0.6, "a mirrored face"), (1.0, "a mirrored face")])
def test_a_mirrored_face_has_contrast(contrast: float, part: str) -> None:
    """The original's face the other way round is found, fainter too; not what is flat but for a code value or two."""
    original, result, owed, place = _frame()
    rows, columns = slice(place.top, place.bottom), slice(place.left, place.right)
    mirrored = original.y[rows, columns][:, ::-1].astype(np.float32)
    result.y[rows, columns] = np.round(60 + contrast * (mirrored - mirrored.mean())).clip(0, 255).astype(np.uint8)
    assert remains(original, result, owed, codec_noise(original, result, [place])).part == part


def test_behind_somebody_who_may_be_seen() -> None:
    """How far a face is covered is not known where somebody who may be seen is in front of most of it."""
    original, result, owed, place = _frame()
    noise, box = codec_noise(original, result, [place]), Box.around(owed.outline)
    most = Box(box.left, box.top, box.right, box.bottom - box.height // 8)
    little = Box(box.left, box.top, box.right, box.top + box.height // 4)
    assert np.isnan(remains(original, result, owed, noise, [most]).covered)
    assert np.isnan(remains(original, result, owed, noise, [box.grown(0.2)]).covered)
    assert remains(original, result, owed, noise, [little]).covered > 0.8


def test_a_strange_place_is_named_where_it_is(coverage: Coverage) -> None:
    """A strange place beside a face is strange, and lies where it is; a strange face is a face."""
    original, result, owed, place = _frame()
    beside = Box(place.left - 40, place.top + 20, place.left - 24, place.top + 36)
    result.y[beside.top : beside.bottom, beside.left : beside.right] ^= 60
    (found,) = coverage.look(0, original, result, [owed], [place], [], deep=False).findings
    assert found.kind == "strange"
    assert found.box.overlap(beside) > 0.3
    bare = faces.picture_of(SCENE.without_people().paint(0))
    (found,) = coverage.look(0, bare, original, [], [], [], deep=False).findings[:1]
    assert found.kind == "face"


def test_an_untouched_head_inside_other_paint_is_bare(coverage: Coverage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that a body shows, in a box that was painted for somebody else and yet is the original's, is bare."""
    original, result, owed, place = _frame()
    box = Box.around(owed.outline)
    head = Head(box, 0.9, np.array([box.centre] * 3, np.float32))
    monkeypatch.setattr(coverage._bodies, "heads", lambda _: [head])
    monkeypatch.setattr(coverage._search, "sights", lambda *_: [])
    monkeypatch.setattr(coverage, "_deeply", lambda _: [])
    assert "bare head" in _kinds(coverage.look(0, original, original, [], [original.box], [], deep=True))
    assert not coverage.look(0, original, result, [owed], [place], [], deep=True).findings


def test_paint_that_reaches_far_hides_nobody(coverage: Coverage) -> None:
    """A face that nobody owed, and that differs a little from the film, is found though a wide box was painted."""
    original, _, owed, place = _frame()
    aside = Owed(Box(0, 0, 30, 40))
    other = original.copy()
    part = (slice(place.top, place.bottom), slice(place.left, place.right))
    other.y[part] = np.clip(other.y[part].astype(int) + 22, 16, 235).astype(np.uint8)
    for deep in (False, True):
        seen = coverage.look(0, original, other, [aside], [original.box], [], deep=deep)
        assert "face" in _kinds(seen)
    seen = coverage.look(0, original, other, [aside], [original.box], [], deep=True, found=[owed.box.grown(0.3)])
    assert "face" not in _kinds(seen)
