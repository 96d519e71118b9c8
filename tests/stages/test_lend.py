"""Lending a face: what serves becomes a double, what does not is said and kept nowhere; a composite is nobody."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests import faces
from tests.faces import Actor, Pose, Scene
from tests.volunteers import SIZE, SMILE, clip_of, consent, photo_of, saved
from veil import desk
from veil.disguise import lent, wardrobe
from veil.errors import VeilError
from veil.media import probe
from veil.models.topology import INNER_LIPS, STILL
from veil.nouns.geometry import similarity
from veil.nouns.picture import Pixels
from veil.sight.motion import FRONT
from veil.stages import lend, sitting
from veil.stages.lend import Told, make
from veil.stages.sitting import Sitter, problems


def spoilt(how: str) -> Pixels:
    """Return a photo with one thing wrong."""
    calm = photo_of()
    light = np.clip(np.linspace(-0.35, 1.35, SIZE[0]), 0.06, None)[None, :, None]
    two = (Actor("farah", lambda _: Pose(170, 340, 250)), Actor("goran", lambda _: Pose(470, 340, 250)))
    worn = calm.copy()
    bridge = round(float(faces.posed("farah", Pose(310, 340, 300))[[168, 6], 1].mean()))
    cv2.rectangle(worn, (200, bridge - 5), (420, bridge + 5), (20, 20, 20), -1)
    fringe = calm.copy()
    fringe[: round(float(faces.posed("farah", Pose(310, 340, 300))[151, 1])) + 6, 130:490] = (40, 30, 26)
    ways: dict[str, Callable[[], Pixels]] = {
        "no face": lambda: np.full_like(calm, 120),
        "two faces": lambda: Scene(two, 1, SIZE).paint(0),
        "blurred": lambda: cv2.GaussianBlur(calm, (0, 0), 4).astype(np.uint8),
        "smiles": lambda: photo_of(moves=SMILE),
        "mouth is open": lambda: photo_of(moves=(("jawOpen", 0.6),)),
        "in shade": lambda: (calm * light).clip(0, 255).astype(np.uint8),
        "burnt": lambda: np.clip(calm * 2.8, 0, 255).astype(np.uint8),
        "too dark": lambda: (calm * 0.15).astype(np.uint8),
        "too small": lambda: photo_of(ears_px=150),
        "glasses": lambda: worn,
        "over the forehead": lambda: fringe,
    }
    return ways[how]()


@pytest.mark.parametrize(
    "how",
    [
        "no face", "two faces", "blurred", "smiles", "mouth is open", "in shade", "burnt", "too dark", "too small",
        "glasses", "over the forehead",
    ],
)  # fmt: skip
def test_what_to_photograph_again(how: str, tmp_path: Path, own_wardrobe: Path) -> None:
    """A photo that cannot make a double is refused for the reason there is, with a hint, and nothing is kept."""
    said = {"no face": "no face", "two faces": "2 faces", "in shade": "lies in shade"}.get(how, how)
    path = saved(tmp_path / "photo.png", spoilt(how))
    with pytest.raises(VeilError, match=said) as caught:
        desk.make_double(Told("mira"), [path], consent(tmp_path / "c.toml"))
    assert "photo 1" in str(caught.value)
    assert caught.value.hint
    assert str(path) not in f"{caught.value}{caught.value.hint}", "a path is told"
    assert not own_wardrobe.exists(), "something was kept"


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    """Each photo's problems are all told, by the photo's number."""
    paths = [saved(tmp_path / "1.png", spoilt("smiles")), saved(tmp_path / "2.png", spoilt("too small"))]
    with pytest.raises(VeilError) as caught:
        make(Told("mira"), paths)
    assert "photo 1: the face smiles" in str(caught.value)
    assert "photo 2: the face is too small" in str(caught.value)


@pytest.mark.parametrize("double", ["ada", "emeka", "hana", "kofi"])
def test_calm_photos_of_anyone_serve(double: str) -> None:
    """A calm, evenly lit photo has nothing wrong with it, whatever the skin and the shape of the eyes."""
    (look,) = Sitter().faces(photo_of(double))
    assert [p.said for p in problems(look)] == []


def test_only_from_the_side(tmp_path: Path) -> None:
    """Photos from the side alone make no double."""
    path = saved(tmp_path / "side.png", photo_of(yaw_deg=45))
    with pytest.raises(VeilError, match="no face is seen from the front"):
        make(Told("mira"), [path])


def test_one_person_only(tmp_path: Path) -> None:
    """Photos of two people are not mixed into one double, nor counted twice into a composite."""
    mixed = [saved(tmp_path / f"{n}.png", photo_of(n)) for n in ("ada", "kofi")]
    with pytest.raises(VeilError, match="one and the same person"):
        make(Told("mira"), mixed)
    same = [saved(tmp_path / f"s{i}.png", photo_of("farah", yaw_deg=2.0 * i)) for i in range(5)]
    with pytest.raises(VeilError, match="may show one person"):
        lend.compose(Told("nobody"), same)


def test_nothing_is_a_photo_or_a_clip(tmp_path: Path) -> None:
    """A text, an empty file, and a file that is not there are refused in words."""
    (tmp_path / "notes.txt").write_text("these are notes")
    (tmp_path / "empty.jpg").write_bytes(b"")
    for name in ("notes.txt", "empty.jpg", "nothing.jpg"):
        with pytest.raises(VeilError) as caught:
            make(Told("mira"), [tmp_path / name])
        assert caught.value.hint
    good = saved(tmp_path / "good.png", photo_of())
    with pytest.raises(VeilError, match="photo 2: it is no picture"):
        make(Told("mira"), [good, tmp_path / "notes.txt"])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> lend.Made:
    """Return the double made of three photos of one face."""
    folder = tmp_path_factory.mktemp("photos")
    views = [saved(folder / f"{yaw}.png", photo_of(yaw_deg=yaw)) for yaw in (0.0, 32.0, -32.0)]
    return make(Told("mira", age=52), views)


def test_the_double_has_the_lenders_shape_and_skin(made: lend.Made) -> None:
    """Shape, complexion, iris and lips are the lender's, the lips closed; what nobody saw has the colour of skin."""
    true, double = wardrobe.double("farah"), made.double
    assert made.views == 3
    assert (double.age, double.folds) == (52, None)
    shape, own = (similarity(d.mesh[STILL], FRONT[STILL]).of(d.mesh) for d in (double, true))
    assert float(np.linalg.norm((shape - own)[:468, :2], axis=1).mean()) < 0.5, "more than half a centimetre off"
    skin, lips = (slice(480, 620), slice(180, 330)), (slice(675, 735), slice(440, 580))
    got, want = (np.median(d.atlas[skin].reshape(-1, 3), 0) for d in (double, true))
    assert float(np.abs(got - want).max()) < 30
    redder = [float((d.atlas[lips][..., 0].astype(float) - d.atlas[lips][..., 1]).mean()) for d in (double, true)]
    assert redder[0] > 0.5 * redder[1], "the lips have lost their colour"
    outside = double.atlas[40:60, 40:60].reshape(-1, 3).mean(0)
    assert float(np.abs(outside - got).max()) < 45, "what no photo shows is not like skin"
    assert float(np.abs(double.mesh[INNER_LIPS[1:10]] - double.mesh[INNER_LIPS[19:10:-1]]).max()) < 1e-4


def test_eyes_and_mouth_are_closed_in_the_skin(made: lend.Made) -> None:
    """The skin under eyes and mouth shows no iris and no teeth: it is what lids show when they shut."""
    eye = made.double.atlas[375:388, 330:372].reshape(-1, 3).astype(float)
    cheek = np.median(made.double.atlas[480:560, 200:300].reshape(-1, 3), 0)
    assert float(np.abs(eye.mean(0) - cheek).max()) < 40


def test_uneven_light_stays_out_of_the_skin(tmp_path: Path) -> None:
    """Light from one side, as far as it is allowed, does not stay in the skin."""
    light = np.linspace(0.75, 1.1, SIZE[0])[None, :, None]
    path = saved(tmp_path / "lit.png", (photo_of() * light).clip(0, 255).astype(np.uint8))
    atlas = make(Told("mira"), [path]).double.atlas.astype(float)
    left, right = atlas[480:620, 180:330].mean(), atlas[480:620, 694:844].mean()
    assert abs(left / right - 1) < 0.06


def test_a_clip_brings_sides_and_folds(tmp_path: Path) -> None:
    """Of a clip calm frames from the front and both sides are taken, and skin that does not fold stays flat."""
    clip = clip_of(tmp_path / "clip.mp4")
    made = make(Told("mira"), [clip])
    assert made.views >= 4, "the sides were not used"
    folds = made.double.folds
    assert folds is None or (folds.shape == (6, 512, 512) and np.abs(folds.astype(int) - 128).mean() < 3)


def test_kept_and_read_again(made: lend.Made, tmp_path: Path) -> None:
    """A double that was stored is what was made: the same shape, nearly the same skin, the same folds."""
    folds = np.full((6, 64, 64), 128, np.uint8)
    folds[2, 20:30, 10:50] = 90
    double = replace(made.double, folds=folds)
    record = lent.Record((lent.read_consent(consent(tmp_path / "c.toml"), lent.today()),), lent.today())
    lent.store("mira", wardrobe.packed(double), record)
    read = wardrobe.double("mira")
    assert np.array_equal(read.mesh, double.mesh)
    assert read.folds is not None
    assert float(np.abs(read.folds.astype(int) - folds).max()) < 12
    for one, other in ((read.atlas, double.atlas), (read.eye, double.eye), (read.mouth[..., 3], double.mouth[..., 3])):
        assert float(np.abs(one.astype(float) - other).mean()) < 3


WHO = ("ada", "boris", "goran", "emeka", "kofi")


def five(folder: Path, monkeypatch: pytest.MonkeyPatch, *measured: list[float]) -> list[Path]:
    """Return five photos, and have the measure say this of one composite after the other.

    Drawn heads are too alike for recognisers to tell apart: what they would say of five real people is played.
    """
    answers = iter(measured)
    monkeypatch.setattr(lend, "SAME", 0.99)
    monkeypatch.setattr(lend, "_NOBODY", (0.0, 0.2))
    monkeypatch.setattr(lend, "alikeness", lambda *_: next(answers))
    return [saved(folder / f"{name}.png", photo_of(name)) for name in WHO]


def test_a_composite_is_stored_with_every_consent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five faces become one that lies between them; whoever is still known in it gets an invented face added."""
    photos = five(tmp_path, monkeypatch, [0.2, 1.3, 0.1, 0.9, 0.4], [0.2, 0.8, 0.1, 0.7, 0.4])
    consents = [consent(tmp_path / f"{n}.toml", lender=n) for n in WHO]
    made = desk.compose_double(Told("nobody"), photos, consents)
    assert made.near == (0.2, 0.8, 0.1, 0.7, 0.4)
    assert len(lent.record("nobody").consents) == 5
    double = wardrobe.double("nobody")
    assert double.origin.startswith("composite of 5 volunteers")
    assert "20%" in double.origin
    skins = [np.median(wardrobe.double(n).atlas[480:620, 180:330].reshape(-1, 3), 0) for n in WHO]
    skin = np.median(double.atlas[480:620, 180:330].reshape(-1, 3), 0)
    assert (skin > np.min(skins, 0)).all()
    assert (skin < np.max(skins, 0)).all()
    grain = [float((d.atlas - cv2.blur(d.atlas, (5, 5)).astype(float))[480:620, 180:330].std()) for d in (double,)]
    assert grain[0] > 1.0, "the composite is a blur"


def test_whoever_is_recognised_is_named_by_the_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody stays recognisable the photo is told, and nothing is kept."""
    photos = five(tmp_path, monkeypatch, *[[0.2, 1.3, 0.1, 1.0, 0.4]] * 2)
    consents = [consent(tmp_path / f"{n}.toml", lender=n) for n in WHO]
    with pytest.raises(VeilError, match="photo 2 and photo 4 can still be recognised") as caught:
        desk.compose_double(Told("nobody"), photos, consents)
    assert caught.value.hint
    assert lent.names() == ()


def test_the_measure_knows_a_face() -> None:
    """The measure is not blind: in a composite that is one of its people it recognises that one, and most."""
    looks = [Sitter().faces(photo_of(n))[0] for n in ("kofi", "goran", "ada")]
    near = lend.alikeness(wardrobe.double("kofi"), looks)
    assert near[0] > 1
    assert near[0] == max(near)


def test_too_few_and_too_many(tmp_path: Path) -> None:
    """Four people are not enough, and each photo needs its own consent."""
    one = saved(tmp_path / "1.png", photo_of())
    told = [consent(tmp_path / f"{i}.toml", lender=f"L{i}") for i in range(5)]
    with pytest.raises(VeilError, match="5 volunteers or more"):
        desk.compose_double(Told("nobody"), [one] * 4, told[:4])
    with pytest.raises(VeilError, match="do not go together"):
        desk.compose_double(Told("nobody"), [one] * 5, told[:4])


@pytest.fixture
def case(tmp_path: Path) -> desk.Desk:
    """Return a watched film, with `mira` in the wardrobe, lent for "Rain"."""
    film = faces.film(tmp_path / "film.mp4", faces.speaking(6, double="goran"))
    record = lent.Record((lent.read_consent(consent(tmp_path / "c.toml"), lent.today()),), lent.today())
    lent.store("mira", wardrobe.packed(wardrobe.double("mei")), record)
    opened = desk.Desk(film, tmp_path / "case")
    opened.watch()
    return opened


def test_lent_doubles_are_worn_by_name_and_title_alone(case: desk.Desk) -> None:
    """A lent double is never cast by chance; named in a plan it is worn in its film, tried on, and noted when done."""
    plan = case.folder.plan
    case.plan()
    assert "mira" not in plan.read_text("utf-8")
    for title, problem in (("", "for which film"), ("Snow", "not lent for this film")):
        plan.write_text(f'title = "{title}"\n[people.P1]\ndouble = "mira"\n', "utf-8")
        with pytest.raises(VeilError, match=problem):
            case.plan()
    plan.write_text('title = "Rain"\n[people.P1]\ndouble = "mira"\n', "utf-8")
    assert case.plan().roles["P1"].double == "mira"
    assert case.cautions() == {}
    part = case.cut(case.film.with_name("result.mp4"))
    assert lent.record("mira").worn == (), "noted before the film was done"
    case.finish(part, case.film.with_name("result.mp4"))
    assert [w.title for w in lent.record("mira").worn] == ["Rain"]
    desk.withdraw_double("mira")
    with pytest.raises(VeilError, match="withdrawn"):
        case.cut(case.film.with_name("again.mp4"))


def test_a_finished_section_shows_one_face(case: desk.Desk) -> None:
    """Another title cuts nothing anew; another face under the name of a lent double does, and asks for it."""
    result = case.film.with_name("result.mp4")

    def sections(title: str) -> set[str]:
        case.folder.plan.write_text(f'title = "{title}"\n[people.P1]\ndouble = "mira"\n', "utf-8")
        case.cut(result)
        return {f"{p.name} {p.stat().st_mtime_ns}" for p in case.folder.cuts.iterdir()}

    first = sections("Rain")
    assert sections("RAIN") == first
    with (lent.wardrobe_folder() / "mira" / "atlas.webp").open("ab") as file:
        file.write(b"\0")  # nobody reads it, but the file is another
    with pytest.raises(VeilError, match="plan as it is now"):
        case.attack(result.with_name("result.mp4.part"))
    assert not sections("Rain") & first


def test_a_long_clip_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a clip that tells no length the looks are thinned out as they grow, spread over all of it."""
    clip = clip_of(tmp_path / "clip.mp4")
    live = replace(probe(clip), frames=0)
    monkeypatch.setattr(sitting, "probe", lambda _: live)
    monkeypatch.setattr(sitting, "_CLIP_LOOKS", 3)
    monkeypatch.setattr(sitting, "_calm_of", tuple)
    kept = sitting.sit_for_clip(clip).calm
    assert 3 <= len(kept) <= 6
    assert [round(abs(look.yaw_deg) / 40) for look in kept] == [0, 1, 0, 0], "frames 0, 4, 8 and 12"


def test_a_lent_double_too_like_the_witness(case: desk.Desk) -> None:
    """A lent double that looks like the witness is refused like any other, and no lent one is proposed instead."""
    record = lent.record("mira")
    lent.store("twin", wardrobe.packed(wardrobe.double("goran")), record)
    case.folder.plan.write_text('title = "Rain"\n[people.P1]\ndouble = "twin"\n', "utf-8")
    with pytest.raises(VeilError, match="still look like themselves") as caught:
        case.plan()
    assert "mira" not in caught.value.hint
    assert "twin" not in caught.value.hint
