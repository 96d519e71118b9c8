"""Proof by repainting: a double passes, a disguise that leaks does not, and no frame is no proof."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import faces
from veil.disguise.faces.head import Head
from veil.errors import VeilError
from veil.media import probe
from veil.nouns.cast import ROW, Face, Sure
from veil.nouns.picture import Pixels
from veil.nouns.plan import Cover, Plan, Role
from veil.nouns.time import Span
from veil.stages.case import Case, CaseFolder
from veil.stages.prove import FRAMES, Proof, Trial, prove
from veil.stages.repaint import GENTLE, HARSH, Canvas, outline, repainted

LENGTH = 6
DOUBLE = Plan(5, {}, Role(double="boris"))


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Return the case of a film that exists, with true meshes."""
    scene = faces.speaking(LENGTH)
    made = faces.case_of(scene, tmp_path)
    return replace(made, film=probe(faces.film(tmp_path / "film.mp4", scene)))


def _proved(case: Case, plan: Plan = DOUBLE) -> Proof:
    return prove(case, plan, CaseFolder(case.film.path.parent))


def _leaking(monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    """Let every double show a share of the film beneath."""
    real = Head.wear

    def wear(self: Head, patch: Pixels, face: Face, seed: int) -> Pixels:
        mixed = (1 - share) * real(self, patch, face, seed) + share * patch
        return np.asarray(mixed + 0.5, np.uint8)

    monkeypatch.setattr(Head, "wear", wear)


def _rewritten(case: Case, **values: object) -> None:
    track = case.cast.tracks[0]
    rows = np.array(track.rows())
    for name, value in values.items():
        rows[name] = value
    track.path.write_bytes(rows.astype(ROW).tobytes())


def test_a_double_lets_nothing_through(case: Case) -> None:
    """With the light held fixed no repainting changes one value; the smooth light, measured anew, does."""
    proof = _proved(case)
    assert {t.brush for t in proof.trials} >= {*HARSH, "scars and moles", "other eyes", "fine marks"}
    assert max(t.held for t in proof.trials) == 0
    assert max(t.mean or 0 for t in proof.trials) < 3
    assert max(t.before for t in proof.trials) > 100, "the control is too weak to prove anything"
    assert proof.verdict in {"safe", "warned"}
    (attack,) = proof.attacks
    assert (attack.person, attack.channel) == ("P1", "non-interference")
    assert "at most 0 of 255 with the light held fixed" in attack.said


@pytest.mark.parametrize("cover", ["shadow", "blackout"])
def test_a_stronger_cover_lets_no_light_through(case: Case, cover: Cover) -> None:
    """Shadow and blackout do not change at all, light or no light."""
    proof = _proved(case, Plan(5, {}, Role(cover)))
    assert proof.verdict == "safe"
    assert max(max(t.held, t.most or 0) for t in proof.trials) == 0


@pytest.mark.parametrize("share", [0.1, 0.01])
def test_a_leak_is_found(case: Case, monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    """A double through which a tenth, or a hundredth, of the film shows is exposed, and the figure is what shows."""
    _leaking(monkeypatch, share)
    proof = _proved(case)
    assert proof.verdict == "exposed"
    (attack,) = proof.attacks
    assert attack.verdict == "exposed"
    assert attack.frame is not None
    assert max(t.held for t in proof.trials) >= 0.6 * share * max(t.before for t in proof.trials)


def test_a_face_that_is_only_seen_is_proven_too(case: Case) -> None:
    """Where no mesh fits the head lies in shadow, and repainting its box changes nothing."""
    _rewritten(case, sure=np.uint8(Sure.SEEN), mesh=0)
    proof = _proved(case)
    assert proof.verdict == "safe"
    assert proof.trials


def test_no_frame_is_no_proof(case: Case) -> None:
    """Somebody who is lost in every frame cannot be repainted: not proven, never safe."""
    _rewritten(case, sure=np.uint8(Sure.LOST))
    proof = _proved(case)
    assert proof.verdict == "not proven"
    assert [a.verdict for a in proof.attacks] == ["not proven"]


def test_who_may_be_seen_is_left_alone(case: Case) -> None:
    """Somebody who may be seen all the time owes nothing and is not tried; a film of only such people is not proven."""
    always = Role(seen=(Span(case.shots[0].span.start, case.shots[0].span.end + 10),))
    proof = _proved(case, Plan(5, {"P1": always}))
    assert proof.attacks == ()
    assert proof.verdict == "not proven"


def test_every_person_is_tried(tmp_path: Path) -> None:
    """Of two people who pass each other each has a verdict, and neither shows through the other's cover."""
    scene = faces.crossing(LENGTH)
    case = replace(faces.case_of(scene, tmp_path), film=probe(faces.film(tmp_path / "film.mp4", scene)))
    proof = _proved(case)
    assert [a.person for a in proof.attacks] == ["P1", "P2"]
    assert max(t.held for t in proof.trials) == 0


def test_another_film_is_refused(case: Case) -> None:
    """A film that changed since it was watched proves nothing, and is refused with a hint."""
    faces.film(case.film.path, faces.speaking(LENGTH, double="goran"))
    with pytest.raises(VeilError) as caught:
        _proved(case)
    assert caught.value.hint


def test_at_most_so_many_frames(case: Case) -> None:
    """No more frames of a person are tried than said."""
    assert 1 < max(t.frames for t in _proved(case).trials) <= min(FRAMES, LENGTH)


@pytest.mark.parametrize("name", sorted(GENTLE | HARSH))
def test_brushes_stay_inside(name: str) -> None:
    """A brush changes the face and nothing beside it, the same way for the same seed."""
    scene = faces.speaking(1, (480, 360))
    mesh, patch = scene.actors[0].mesh(0), scene.paint(0)
    assert mesh is not None
    face = faces.face_of(mesh)
    own = outline(face, *patch.shape[:2])
    canvas = Canvas(patch, own, mesh, float(face.box.width))
    first, again = (repainted(canvas, (GENTLE | HARSH)[name], 3) for _ in range(2))
    assert np.array_equal(first, again)
    assert np.array_equal(first[own == 0], patch[own == 0])
    assert np.abs(first.astype(int) - patch)[own > 0].max() > 20
    if name in GENTLE:
        assert abs(first[own > 0].astype(float).mean() - patch[own > 0].mean()) < 5, "it changes the light"


def test_verdicts_of_a_trial() -> None:
    """Any change with the light held fixed exposes; too much light warns, twice as much in the mean exposes."""
    plain = Trial("P1", "noise", 5, 200.0, 0.0, 4.0, 1.0, 3)
    assert plain.verdict == "safe"
    assert replace(plain, held=3.0).verdict == "exposed"
    assert replace(plain, held=1.0).verdict == "exposed", "a faint trace everywhere is a leak"
    assert replace(plain, most=13.0).verdict == "warned"
    assert replace(plain, mean=3.5).verdict == "warned"
    assert replace(plain, mean=6.5).verdict == "exposed"
