"""The head around a double: what is bent never shows the witness's face, stays calm, and stops where it must."""

import json
import shutil
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces
from tests.disguise.test_conformance import REFUSALS, _degenerate
from veil.disguise import wardrobe
from veil.disguise.faces.double import FaceDouble
from veil.disguise.faces.hair import Dye, hair_of
from veil.disguise.faces.head import Head
from veil.disguise.faces.outline import Outline
from veil.disguise.faces.shade import shade_head
from veil.errors import VeilError
from veil.models.topology import OVAL, UV
from veil.nouns.cast import Face, Fitting, Sure
from veil.nouns.double import Double, Glasses
from veil.nouns.light import FLOOR, LIGHT_TERMS
from veil.nouns.picture import Box, Pixels
from veil.nouns.plan import Beyond

WIDTH, HEIGHT = 360, 320
BARE = Beyond(outline=0)
RIM_PX = 3
"""So far inside the outline a trace of what lies beside the face may cross, as with the double alone."""


def a_face(yaw_deg: float = 0, x: float = 180, y: float = 160, ears_px: float = 110, strength: float = 0.0) -> Face:
    """Return a face in a picture of WIDTH by HEIGHT."""
    mesh = faces.posed("farah", faces.Pose(x, y, ears_px, yaw_deg, 4, 3, (("jawOpen", 0.3),)))
    return replace(faces.face_of(mesh, "farah"), strength=strength)


def a_picture(seed: int = 1) -> Pixels:
    """Return a picture with structure everywhere."""
    coarse = np.random.default_rng(seed).integers(0, 256, (HEIGHT // 4, WIDTH // 4, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)


def inside(face: Face, by_px: int = 0) -> NDArray[np.bool_]:
    """Return which pixels lie in the witness's own outline, without a rim."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(face.mesh[OVAL, :2].round().astype(np.int32)), 1)
    return cv2.erode(mask, np.ones((2 * by_px + 1, 2 * by_px + 1), np.uint8)) > 0


def a_double(name: str = "juno", **more: object) -> Double:
    """Return a double that is unlike the witness in its outline."""
    return replace(wardrobe.double(name), **more)  # type: ignore[arg-type]


def a_head(beyond: Beyond, double: Double | None = None) -> Head:
    """Return what a witness wears."""
    worn, neutral = double or a_double(), faces.calm_face("farah")
    return Head(FaceDouble(worn, neutral), worn, neutral, beyond, [a_look()])


@lru_cache(maxsize=1)
def a_look() -> Fitting:
    """Return a look at the witness, whose hair is drawn dark."""
    pose = faces.Pose(128, 138, 110)
    scene = faces.Scene((faces.Actor("farah", lambda _: pose),), 1, (256, 256))
    mesh = faces.posed("farah", pose)
    return Fitting(np.array(scene.paint(0)), mesh, faces.face_of(mesh, "farah").light)


WORN = {
    "outline": (Beyond(), a_double()),
    "ears": (replace(BARE, ears="softened"), a_double()),
    "hair": (replace(BARE, hair="red"), a_double()),
    "glasses": (replace(BARE, glasses="square"), a_double()),
    "beard": (BARE, a_double(beard=0.9)),
    "all": (Beyond(hair="grey", ears="softened", glasses="round"), a_double("hana", beard=0.5)),
}


@pytest.mark.parametrize("what", sorted(WORN))
@pytest.mark.parametrize("yaw_deg", [0, 18])
def test_repainting_the_face_changes_nothing(what: str, yaw_deg: float) -> None:
    """With the light held, whatever the witness's skin is like, the whole result is the same to the last bit."""
    head, face = a_head(*WORN[what]), a_face(yaw_deg)
    one = a_picture()
    other = np.where(inside(face, RIM_PX)[..., None], a_picture(2), one)
    assert np.abs(one.astype(int) - other).max() > 100, "the control is too weak to prove anything"
    assert np.array_equal(head.wear(one, face, 5), head.wear(other, face, 5))


@pytest.mark.parametrize("name", ["juno", "luz", "hana", "kofi"])
@pytest.mark.parametrize("yaw_deg", [-25, 0, 12])
def test_no_pixel_of_the_face_is_ever_moved(name: str, yaw_deg: float) -> None:
    """A loud colour inside the outline turns up nowhere outside it when the picture is bent."""
    light = np.zeros((LIGHT_TERMS, 3), np.float32)
    light[0] = np.log(90 + FLOOR)
    face = replace(a_face(yaw_deg), light=light)
    picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    picture[inside(face)] = 255, 0, 255
    outline = Outline(wardrobe.double(name).mesh, faces.calm_face("farah"))
    bent = outline.bend(picture, face)
    assert not np.array_equal(bent.face.mesh, face.mesh), "nothing was bent"
    off = np.abs(bent.patch.astype(int) - 90).max(2)
    assert off[~inside(face)].max() <= 1
    moved = (np.abs(bent.face.mesh - face.mesh)[OVAL, :2]).max()
    assert moved > 1, "the control is too weak to prove anything"


def test_without_it_the_double_is_as_it_was() -> None:
    """At outline 0, with nothing else, the result is that of the double alone, but for rounding."""
    worn, neutral, face = a_double(), faces.calm_face("farah"), a_face()
    alone = FaceDouble(worn, neutral).wear(a_picture(), face, 5)
    off = np.abs(a_head(BARE).wear(a_picture(), face, 5).astype(int) - alone)
    assert off.max() <= 3
    assert (off > 0).mean() < 0.02


@pytest.mark.parametrize("name", wardrobe.names())
def test_the_outline_moves_little(name: str) -> None:
    """No point moves by more than 5.5 percent of the face's height, and no ear or hairline; the jaw does."""
    face = a_face()
    outline = Outline(wardrobe.double(name).mesh, faces.calm_face("farah"))
    off = np.linalg.norm((outline.bend(a_picture(), face).face.mesh - face.mesh)[:468, :2], axis=1)
    tall = float(np.linalg.norm(face.mesh[10] - face.mesh[152]))
    assert off.max() <= 0.0551 * tall
    assert off[UV[:, 1] < 0.5].max() == 0
    assert off[OVAL].max() > 0.005 * tall or name == "farah"


def test_the_outline_goes_to_the_doubles() -> None:
    """A double with a longer chin makes the chin longer, one with a shorter makes it shorter."""
    face = a_face()
    chins = {
        name: float(
            Outline(wardrobe.double(name).mesh, faces.calm_face("farah")).bend(a_picture(), face).face.mesh[152, 1]
        )
        for name in ("juno", "luz")
    }
    assert chins["juno"] > face.mesh[152, 1] + 1
    assert chins["luz"] < face.mesh[152, 1] - 1


OFF = {
    "a stronger cover": a_face(strength=0.5),
    "no room": replace(a_face(), alone=0.0),
    "a profile": a_face(yaw_deg=60),
    "no mesh": replace(a_face(), sure=Sure.SEEN),
}


@pytest.mark.parametrize("why", sorted(OFF))
def test_nothing_moves_where_it_must_not(why: str) -> None:
    """A face that fades, turns away, is lost or has somebody beside it leaves the picture around it as it is."""
    picture = a_picture()
    outline = Outline(wardrobe.double("juno").mesh, faces.calm_face("farah"))
    assert np.array_equal(outline.bend(picture, OFF[why]).patch, picture)


def test_nothing_moves_at_the_pictures_edge() -> None:
    """Where the outline touches the edge it stays, so that nothing is drawn from beyond it."""
    face = a_face(y=HEIGHT - 62.0)
    outline = Outline(wardrobe.double("juno").mesh, faces.calm_face("farah"))
    bent = outline.bend(a_picture(), face)
    low = face.mesh[:, 1] > HEIGHT - 6
    assert low.any()
    assert np.abs(bent.face.mesh - face.mesh)[low].max() < 0.05
    assert np.array_equal(bent.patch[-2:, :60], a_picture()[-2:, :60])


def test_it_stops_smoothly() -> None:
    """On the way to each end the outline's move shrinks by small steps: nothing pops."""
    outline = Outline(wardrobe.double("juno").mesh, faces.calm_face("farah"))
    ways = {
        "turning": [a_face(yaw_deg=y) for y in np.linspace(0, 45, 46)],
        "fading": [a_face(strength=float(s)) for s in np.linspace(0, 0.5, 46)],
        "meeting": [replace(a_face(), alone=float(s)) for s in np.linspace(0, 1, 46)],
    }
    for way, on_it in ways.items():
        moves = [(outline.bend(a_picture(), face).face.mesh - face.mesh)[152, 1] for face in on_it]
        assert np.abs(np.diff(moves)).max() < 0.12 * max(np.abs(moves)), way


def test_the_background_is_calm() -> None:
    """A face that moves by a quarter of a pixel moves no pixel of the background by more."""
    outline = Outline(wardrobe.double("juno").mesh, faces.calm_face("farah"))
    slope = np.broadcast_to(np.arange(WIDTH, dtype=np.float32)[None, :, None] * 0.7, (HEIGHT, WIDTH, 3))
    picture = slope.astype(np.uint8)
    face = a_face()
    mesh = face.mesh + np.array([0.25, 0, 0], np.float32)
    one, two = outline.bend(picture, face).patch, outline.bend(picture, replace(face, mesh=mesh)).patch
    beside = cv2.dilate(inside(face).astype(np.uint8), np.ones((25, 25), np.uint8)) == 0
    assert np.abs(one.astype(int) - two)[beside].max() <= 1


def test_what_lies_beyond_its_reach_is_untouched() -> None:
    """Nothing changes outside the box that a head asks for: the rest leaves bit for bit."""
    face = a_face(ears_px=60)
    head = a_head(*WORN["all"])
    box = head.reach(face).clipped(WIDTH, HEIGHT)
    picture = a_picture()
    new = head.wear(picture, face, 5)
    outside = np.ones((HEIGHT, WIDTH), bool)
    outside[box.top : box.bottom, box.left : box.right] = False
    assert outside.any()
    assert np.array_equal(new[outside], picture[outside])


@pytest.mark.parametrize("kind", sorted(_degenerate()))
@pytest.mark.parametrize("value", [None, np.nan, np.inf])
def test_meshes_that_are_no_faces(kind: str, value: float | None) -> None:
    """A mesh that is no face is covered or refused, as with the double alone; never let through."""
    mesh = _degenerate()[kind].copy()
    if value is not None:
        mesh[::3] = value
    face = replace(a_face(), mesh=mesh, box=Box(70, 45, 130, 115))
    picture = a_picture()
    try:
        with np.errstate(all="ignore"):
            new = a_head(*WORN["all"]).wear(picture, face, 5)
    except REFUSALS:
        return
    front = face.box.grown(-0.15)
    part = slice(front.top, front.bottom), slice(front.left, front.right)
    assert (new != picture)[part].any(2).mean() > 0.5, "the face was let through"


# ── glasses, beard, hair, ears ─────────────────────────────────────────────────────────────────────────────────────


def _changed(beyond: Beyond, double: Double, face: Face) -> NDArray[np.bool_]:
    """Return where a head differs from the double alone."""
    picture = np.full((HEIGHT, WIDTH, 3), 140, np.uint8)
    one = a_head(BARE, replace(double, glasses=None, beard=0.0)).wear(picture, face, 5)
    return np.asarray(np.abs(a_head(beyond, double).wear(picture, face, 5).astype(int) - one).max(2) > 6)


@pytest.mark.parametrize("shape", ["round", "square", "half"])
@pytest.mark.parametrize("yaw_deg", [-55, -25, 0, 25, 55])
@pytest.mark.parametrize("ears_px", [60, 110])
def test_glasses_sit_before_the_eyes(shape: str, yaw_deg: float, ears_px: float) -> None:
    """Glasses are drawn round the eyes, over the bridge of the nose, and nowhere near mouth or chin."""
    face = a_face(yaw_deg, ears_px=ears_px)
    drawn = _changed(replace(BARE, glasses=shape), a_double("boris"), face)  # type: ignore[arg-type]
    tall = float(np.linalg.norm(face.mesh[10] - face.mesh[152]))
    rows = np.nonzero(drawn)[0]
    eyes = face.mesh[[33, 263], 1]
    assert drawn.sum() > 0.01 * tall**2
    assert rows.min() > eyes.min() - 0.3 * tall
    assert rows.max() < face.mesh[13, 1]
    near = Box.around(face.mesh[[6, 168]]).grown(0.6).clipped(WIDTH, HEIGHT)
    assert drawn[near.top : near.bottom, near.left : near.right].any()


def test_glasses_of_a_double_can_be_taken_off() -> None:
    """A double's own glasses are worn by default, and not where the plan says so."""
    double, face = a_double("boris", glasses=Glasses("round")), a_face()
    assert _changed(BARE, double, face).sum() > 100
    assert not _changed(replace(BARE, glasses="none"), double, face).any()


def test_glasses_that_nobody_draws() -> None:
    """Glasses of an unknown shape, or thicker than can be, are refused when a double is read."""
    with pytest.raises(ValueError, match="round, square or half"):
        Glasses("heart")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="0 to 1 thick"):
        Glasses("round", thick=2.0)


@pytest.mark.parametrize("strength", [0.3, 0.9])
def test_the_shade_lies_over_all_that_is_worn(strength: float) -> None:
    """As the shadow comes, glasses and beard go into it with the face: nothing floats on the dark."""
    double, picture = a_double("boris", glasses=Glasses("round"), beard=1.0), a_picture()
    head, face = a_head(BARE, double), a_face()
    plain = head.wear(picture, face, 5)
    shaded = head.wear(picture, replace(face, strength=strength), 5)
    assert np.array_equal(shaded, shade_head(plain, face, strength))


@pytest.mark.parametrize(("sure", "strength"), [(Sure.SEEN, 0.0), (Sure.LOST, 0.0), (Sure.FITTED, 1.0)])
def test_dyed_hair_goes_dark_with_the_head(sure: Sure, strength: float) -> None:
    """Where no double is drawn the shadow of a head whose hair is dyed is larger: its own colour does not show."""
    look = a_look()
    neutral, double = faces.calm_face("farah"), a_double("boris")
    head = Head(FaceDouble(double, neutral), double, neutral, replace(BARE, hair="red"), [look])
    face = faces.face_of(look.mesh, "farah", sure, strength)
    film = np.full((HEIGHT, WIDTH, 3), 220, np.uint8)
    face = replace(face, box=Box(150, 140, 210, 220))
    usual, dark = (one.wear(film, face, 5).max(2) for one in (a_head(BARE, double), head))
    assert (dark[usual < 45] < 45).all()
    assert (dark < 45).sum() > 1.5 * (usual < 45).sum()
    reach, off = head.reach(face), np.nonzero(dark < 220)
    assert reach.left <= off[1].min() <= off[1].max() < reach.right
    assert reach.top <= off[0].min() <= off[0].max() < reach.bottom


def test_a_beard_stands_out() -> None:
    """A beard's fringe reaches beyond the outline under the chin, more so the fuller it is, never over the eyes."""
    face = a_face()
    below = ~inside(face)
    full, thin = (_changed(BARE, a_double("boris", beard=b), face) for b in (1.0, 0.2))
    assert (full & below).sum() > 1.3 * (thin & below).sum() > 0
    assert np.nonzero(full)[0].min() > face.mesh[[33, 263], 1].max()


def test_hair_is_dyed_and_nothing_else() -> None:
    """Drawn hair takes the colour of the plan; shirt, backdrop and face stay as they are."""
    look = a_look()
    hair = hair_of([look])
    assert hair is not None
    face = faces.face_of(look.mesh, "farah")
    dyed = Dye(hair, "red").wear(look.crop, face)
    changed = np.abs(dyed.astype(int) - look.crop).max(2) > 8
    was_hair = (np.abs(look.crop.astype(int) - (52, 36, 28)) < 14).all(2)
    assert changed[was_hair].mean() > 0.6
    assert changed[~was_hair].mean() < 0.05
    red = dyed[changed & was_hair].astype(float).mean(0)
    assert red[0] > 1.4 * red[2]


@pytest.mark.parametrize("kind", ["bald", "a blue hat", "nothing"])
def test_where_hair_cannot_be_told(kind: str) -> None:
    """A bald head, a hat of a colour that no hair has, and nobody at all are left as they are."""
    look = a_look()
    if kind == "nothing":
        assert hair_of([]) is None
        return
    colour = (40, 60, 190) if kind == "a blue hat" else np.exp(look.light[0]) - FLOOR
    crop = look.crop.copy()
    crop[(np.abs(crop.astype(int) - (52, 36, 28)) < 40).all(2)] = np.asarray(colour, np.uint8)
    assert hair_of([replace(look, crop=crop)]) is None


def test_ears_get_smaller() -> None:
    """A disc where an ear is covers fewer pixels than before."""
    face = a_face()
    picture = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    tall = float(np.linalg.norm(face.mesh[10] - face.mesh[152]))
    for index, side in ((234, -1), (454, 1)):
        x, y = face.mesh[index, :2] + (side * 0.04 * tall, -0.02 * tall)
        cv2.ellipse(picture, (round(float(x)), round(float(y))), (round(0.06 * tall), round(0.13 * tall)), 0, 0, 360,
                    (220, 200, 60), -1)  # fmt: skip
    plain, softer = (a_head(b).wear(picture, face, 5) for b in (BARE, replace(BARE, ears="softened")))
    ears = [((p[..., 2] < 100) & (p[..., 0] > 150) & ~inside(face)).sum() for p in (plain, softer)]
    assert ears[1] < 0.9 * ears[0]


def test_a_double_brings_what_its_file_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Glasses, beard and colour of hair are read from a double's file; what is wrong there is told, not worn."""
    source = Path(wardrobe.__file__).parent / "doubles" / "boris"
    for name, glasses in (("good", {"shape": "half", "rgb": [90, 60, 40], "thick": 0.2}), ("bad", {"shape": "half"})):
        folder = tmp_path / name
        shutil.copytree(source, folder)
        about = json.loads((folder / "double.json").read_text("utf-8")) | {"glasses": glasses, "beard": 0.7}
        (folder / "double.json").write_text(json.dumps(about), "utf-8")
    monkeypatch.setattr(wardrobe, "_FOLDER", tmp_path)
    wardrobe.names.cache_clear()
    try:
        double = wardrobe.double("good")
        assert double.glasses == Glasses("half", (90, 60, 40), 0.2)
        assert (double.beard, double.hair_rgb) == (0.7, tuple(about["hair_rgb"]))
        with pytest.raises(VeilError, match="damaged"):
            wardrobe.double("bad")
    finally:
        wardrobe.names.cache_clear()
