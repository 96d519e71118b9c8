"""What is signed tells of the film as it was cut, and of nothing else; the library that signs is played."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest

from tests import faces
from veil.cli import run
from veil.desk import Desk
from veil.errors import VeilError
from veil.media.credentials import Deed
from veil.stages import credentials as signing
from veil.stages.case import load_case


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Path]:
    """Return a film that was disguised, and its result."""
    folder = tmp_path_factory.mktemp("film")
    desk = Desk(faces.film(folder / "film.mp4", faces.speaking(6, double="goran")))
    desk.disguise(folder / "result.mp4")
    return desk, folder / "result.mp4"


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return what the played library says of every film that it signed."""
    told: dict[str, Any] = {}

    def sign(film: Path, deeds: Sequence[Deed], key: Path, certificate: Path, out: Path) -> None:
        del key, certificate
        shutil.copy(film, out)
        told.update(assertions=[deed.said for deed in deeds])

    monkeypatch.setattr(signing, "sign", sign)
    monkeypatch.setattr(signing, "credentials_of", lambda _: told)
    monkeypatch.setattr(signing, "compare", lambda *_: [])
    return told


def test_it_tells_of_the_plan_that_the_film_was_cut_by(
    finished: tuple[Desk, Path], library: dict[str, Any], tmp_path: Path
) -> None:
    """A plan that was changed since is not what the film shows: nothing is signed until it is cut by it."""
    desk, result = finished
    kept = desk.folder.plan.read_text("utf-8")
    try:
        desk.folder.plan.write_text(kept.replace('cover = "double"', 'cover = "blackout"'), "utf-8")
        with pytest.raises(VeilError, match="that this film was cut by"):
            desk.credentials(result, tmp_path, tmp_path, tmp_path / "signed.mp4")
    finally:
        desk.folder.plan.write_text(kept, "utf-8")
    assert not library
    assert desk.credentials(result, tmp_path, tmp_path, tmp_path / "signed.mp4") == library["assertions"]


def test_the_warning_comes_first(finished: tuple[Desk, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """The user reads what a certificate tells before anything is signed, even where it then cannot be."""
    desk, _ = finished
    assert run(["credentials", str(desk.folder.path), "nothing.mp4", "--key", "k", "--certificate", "c"]) == 1
    said = capsys.readouterr().err
    assert said.index("warning: a certificate names its owner") < said.index("error: ")


@pytest.mark.parametrize(
    ("heard", "sound", "told"),
    [
        (True, "disguised", "voices of people, and names in what they say, were replaced"),
        (True, "left out", "the sound was left out"),
        (True, "as it is", None),
        (False, "disguised", None),
    ],
)
def test_what_is_said_of_the_sound(
    finished: tuple[Desk, Path], heard: bool, sound: Literal["disguised", "left out", "as it is"], told: str | None
) -> None:
    """What was done to voices is told; of a film that has no sound nothing is."""
    desk, _ = finished
    case = load_case(desk.folder)
    case = replace(case, film=replace(case.film, has_sound=heard))
    said = [deed.said for deed in signing.deeds(case, replace(desk.plan(), sound=sound))]
    assert said[2:] == ([] if told is None else [told])


@pytest.mark.parametrize(
    ("name", "signer", "leaks"),
    [
        ("film", "A Film Collective", False),
        ("face", "somebody", False),
        ("head shadow", "somebody", False),
        ("doubles", "somebody", False),
        ("Testimony4711", "somebody", False),
        ("Testimony4711", "for testimony4711", True),
        ("Лейла-2", "о Лейла", True),
        ("a-b", "a-b", False),
        ("a1-b2", "a1-b2", True),
        ("rain_interview", "Rain Films", True),
        ("interview", "The Interview Archive", False),
    ],
)
def test_what_names_the_film(name: str, signer: str, leaks: bool) -> None:
    """A word of the file's name, in any script, gives it away; plain words that anybody uses do not."""
    done = (Deed("c2pa.edited", "faces of people were replaced by digital doubles"),)
    told = {"assertions": [done[0].said], "signature_info": {"issuer": signer}}
    assert signing._named(Path(f"{name}.mp4"), told, done) is leaks
