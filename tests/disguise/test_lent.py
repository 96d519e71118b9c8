"""Lent doubles on disk: what their lenders agreed to is checked, kept, and taken back."""

import json
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.days import TODAY
from tests.volunteers import consent
from veil.cli import run
from veil.disguise import lent, wardrobe
from veil.errors import VeilError


def kept(tmp_path: Path, films: str = '["Rain"]', days: int = 30) -> lent.Record:
    """Return the record of one consent."""
    return lent.Record((lent.read_consent(consent(tmp_path / "c.toml", films=films, days=days), TODAY),), TODAY)


def stored(name: str, record: lent.Record) -> Path:
    """Store a double that looks like a shipped one, and return its folder."""
    return lent.store(name, wardrobe.packed(wardrobe.double("farah")), record)


def test_a_consent_that_holds(tmp_path: Path) -> None:
    """A consent that was given is read as it was signed, and holds on its last day and in any case of its title."""
    read = lent.read_consent(consent(tmp_path / "c.toml", days=0), TODAY, title=" rain ")
    assert read.lender == "M"
    assert read.films == ("Rain",)
    assert len(read.sha256) == 64
    assert lent.read_consent(consent(tmp_path / "d.toml", films='["any"]'), TODAY, title="Snow").covers("whatever")


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("agreed = true", "consent has no lender"),
        ('lender = "M"\nfilms = ["Rain"]\nuntil = 2999-01-01\npurpose = "x"\nagreed = false', "consent is not given"),
        ('lender = "M"\nfilms = ["Rain"]\nuntil = 2999-01-01\npurpose = "x"\nagreed = "true"', "consent is not given"),
        ('lender = "M"\nfilms = [""]\nuntil = 2999-01-01\npurpose = "x"\nagreed = true', "consent names no film"),
        ('lender = "M"\nfilms = ["Rain", 3]\nuntil = 2999-01-01\npurpose = "x"\nagreed = true', "names no film"),
        ('lender = "M"\nfilms = ["Rain"]\nuntil = "soon"\npurpose = "x"\nagreed = true', "consent has no last day"),
        ('lender = "M"\nfilms = ["Rain"]\nuntil = 2999-01-01\npurpose = " "\nagreed = true', "consent has no purpose"),
        ('lender = "M"\nfilms = ["Rain"]\nuntil = 2001-01-01\npurpose = "x"\nagreed = true', "consent has run out"),
        ('lender = "M"\nfilms = ["Snow"]\nuntil = 2999-01-01\npurpose = "x"\nagreed = true', "not for this film"),
        ("agreed = = true", "not valid TOML"),
        ("agreed = true\nvoice = true", "which Veil does not know"),
    ],
)
def test_a_consent_that_does_not_hold(tmp_path: Path, said: str, problem: str) -> None:
    """What is missing in a consent, or speaks against it, is told in one sentence with a hint."""
    path = tmp_path / "consent.toml"
    path.write_text(said, "utf-8")
    with pytest.raises(VeilError, match=problem) as caught:
        lent.read_consent(path, TODAY, title="Rain")
    assert caught.value.hint


def test_a_missing_consent(tmp_path: Path) -> None:
    """No file, a folder and a picture are no consent."""
    (tmp_path / "picture.toml").write_bytes(b"\xff\xd8\xff")
    for path in (tmp_path / "nothing.toml", tmp_path, tmp_path / "picture.toml"):
        with pytest.raises(VeilError, match="consent"):
            lent.read_consent(path, TODAY)


def test_the_template_is_no_consent_until_it_is_filled_in(tmp_path: Path) -> None:
    """The template is valid, refused as it is, holds once filled in, never twice the same, and writes over nothing."""
    path = tmp_path / "consent.toml"
    lent.write_template(path, TODAY)
    text = path.read_text("utf-8")
    assert set(tomllib.loads(text)) == {"lender", "films", "until", "purpose", "agreed", "reference"}
    assert text != lent.template(TODAY)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(VeilError, match="not given"):
        lent.read_consent(path, TODAY)
    filled = (
        text.replace('lender = ""', 'lender = "M"').replace('[""]', '["Rain"]').replace('purpose = ""', 'purpose = "x"')
    )
    path.write_text(filled.replace("agreed = false", "agreed = true"), "utf-8")
    assert lent.read_consent(path, TODAY, "Rain").lender == "M"
    with pytest.raises(VeilError, match="already"):
        lent.write_template(path, TODAY)


def test_stored_for_the_owner_only(own_wardrobe: Path, tmp_path: Path) -> None:
    """A stored double is found and worn like a shipped one, lies open to its owner alone, and holds no consent text."""
    folder = stored("mira", kept(tmp_path))
    assert folder == own_wardrobe / "mira"
    assert [p.stat().st_mode & 0o777 for p in (own_wardrobe, folder)] == [0o700, 0o700]
    assert {p.stat().st_mode & 0o777 for p in folder.iterdir()} == {0o600}
    assert wardrobe.double("mira").atlas.shape == (1024, 1024, 3)
    assert wardrobe.lent_names() == ("mira",)
    assert "mira" not in wardrobe.names(), "a lent double could be cast by chance"
    assert b"purpose" not in b"".join(p.read_bytes() for p in folder.iterdir())


def test_one_name_for_one_double(tmp_path: Path) -> None:
    """A name is given once: not that of a shipped double, not one used before, not a path, not a person's."""
    stored("mira", kept(tmp_path))
    lent.withdraw("mira", TODAY)
    for name in ("mira", "farah", "../mira", "Mira", "", "a b", ".hidden"):
        with pytest.raises(VeilError) as caught:
            lent.check_name(name, wardrobe.names())
        assert caught.value.hint


def test_a_shipped_double_of_the_same_name(tmp_path: Path) -> None:
    """Should a later Veil ship a double of a lent one's name, neither is worn by mistake."""
    stored("farah", kept(tmp_path))
    with pytest.raises(VeilError, match="two doubles"):
        wardrobe.double("farah")
    assert wardrobe.lent_names() == ()


def test_withdrawn(own_wardrobe: Path, tmp_path: Path) -> None:
    """What is withdrawn can no longer be worn, its pictures are gone, and the record of its films stays."""
    stored("mira", kept(tmp_path))
    wardrobe.double("mira")
    (tmp_path / "film.mp4").write_bytes(b"a film")
    lent.note({"mira", "ada"}, " Rain ", tmp_path / "film.mp4", TODAY)
    lent.note({"mira"}, "Rain", tmp_path / "film.mp4", TODAY)  # the same result twice is one film
    gone = lent.withdraw("mira", TODAY)
    assert [w.title for w in gone.worn] == ["Rain"]
    assert lent.withdraw("mira", TODAY + timedelta(days=1)) == lent.record("mira") == gone
    assert [p.name for p in (own_wardrobe / "mira").iterdir()] == ["lent.json"]
    assert str(tmp_path) not in (own_wardrobe / "mira" / "lent.json").read_text("utf-8"), "a path was kept"
    assert wardrobe.lent_names() == ()
    with pytest.raises(VeilError, match="withdrawn"):
        wardrobe.double("mira")
    with pytest.raises(VeilError, match="nobody lent"):
        lent.withdraw("nobody", TODAY)


@pytest.mark.parametrize(
    ("title", "day", "problem"),
    [
        ("Rain", TODAY, None),
        ("RAIN", TODAY + timedelta(days=30), None),
        ("Rain", TODAY + timedelta(days=31), "run out"),
        ("Snow", TODAY, "not lent for this film"),
        ("", TODAY, "does not say for which film"),
    ],
)
def test_worn_for_its_film_until_its_day(tmp_path: Path, title: str, day: date, problem: str | None) -> None:
    """A lent double is worn in the film it was lent for, up to the last day, and else refused with a hint."""
    stored("mira", kept(tmp_path))
    if problem is None:
        lent.check("mira", title, day)
        return
    with pytest.raises(VeilError, match=problem) as caught:
        lent.check("mira", title, day)
    assert caught.value.hint


def test_run_out(tmp_path: Path) -> None:
    """A double whose day is over is neither listed as wearable nor handed out, even where nobody asks for a plan."""
    record = kept(tmp_path)
    gone = lent.Record((lent.Consent("M", ("any",), TODAY - timedelta(days=1), "0" * 64),), record.made)
    stored("mira", gone)
    assert wardrobe.lent_names() == ()
    with pytest.raises(VeilError, match="run out"):
        wardrobe.double("mira")


def test_a_composite_holds_for_what_all_agreed_to(tmp_path: Path) -> None:
    """Of several consents the films of all and the first last day count; one lender does not count for two."""
    told = [("A", '["Rain", "Snow"]', 9), ("B", '["any"]', 5), ("C", '["snow"]', 7)]
    read = [lent.read_consent(consent(tmp_path / f"{n}.toml", n, f, d), TODAY) for n, f, d in told]
    joint = lent.joint_record(read, TODAY)
    assert [t.casefold() for t in joint.films] == ["snow"]
    assert joint.until == TODAY + timedelta(days=5)
    with pytest.raises(VeilError, match="of one lender"):
        lent.joint_record([read[0], read[0]], TODAY)
    other = lent.read_consent(consent(tmp_path / "D.toml", "D", '["Hail"]'), TODAY)
    with pytest.raises(VeilError, match="no film"):
        lent.joint_record([*read, other], TODAY)


def test_a_damaged_record(own_wardrobe: Path, tmp_path: Path) -> None:
    """A record that cannot be read is never taken for a consent."""
    stored("mira", kept(tmp_path))
    path = own_wardrobe / "mira" / "lent.json"
    for text in ("{}", "no json", json.dumps({"format": 99}), '{"format": 1, "consents": [], "made": "2026-01-01"}'):
        path.write_text(text, "utf-8")
        with pytest.raises(VeilError, match="damaged"):
            lent.check("mira", "Rain", TODAY)


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The wardrobe lies where VEIL_WARDROBE says, else among the user's data."""
    monkeypatch.setenv("VEIL_WARDROBE", str(tmp_path / "mine"))
    assert lent.wardrobe_folder() == tmp_path / "mine"
    monkeypatch.delenv("VEIL_WARDROBE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert lent.wardrobe_folder() == tmp_path / "veil" / "doubles"
    monkeypatch.delenv("XDG_DATA_HOME")
    assert lent.wardrobe_folder() == Path.home() / ".local" / "share" / "veil" / "doubles"


def test_interrupted(own_wardrobe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while a double is stored leaves no face; what a kill leaves is destroyed with the double."""
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        stored("mira", kept(tmp_path))
    assert list(own_wardrobe.iterdir()) == []
    monkeypatch.undo()
    monkeypatch.setenv("VEIL_WARDROBE", str(own_wardrobe))
    stored("mira", kept(tmp_path))
    for draft in (".mira.12ab", ".mirabel.12ab"):
        (own_wardrobe / draft).mkdir()
        (own_wardrobe / draft / "atlas.webp").write_bytes(b"a face")
    lent.withdraw("mira", TODAY)
    assert sorted(p.name for p in own_wardrobe.iterdir()) == [".mirabel.12ab", "mira"]


def test_a_folder_of_the_users_own(own_wardrobe: Path, tmp_path: Path) -> None:
    """A folder that was there keeps its rights; what is put into it is the owner's alone."""
    own_wardrobe.mkdir()
    own_wardrobe.chmod(0o755)
    folder = stored("mira", kept(tmp_path))
    assert [p.stat().st_mode & 0o777 for p in (own_wardrobe, folder)] == [0o755, 0o700]


def test_another_face_has_another_mark(tmp_path: Path) -> None:
    """The mark of a lent double is its face's: the films noted in its record do not change it, another face does."""
    folder = stored("mira", kept(tmp_path))
    first = wardrobe.mark("mira")
    (tmp_path / "film.mp4").write_bytes(b"a film")
    lent.note({"mira"}, "Rain", tmp_path / "film.mp4", TODAY)
    assert first == wardrobe.mark("mira") != wardrobe.mark("ada") == wardrobe.mark(None) == ""
    (folder / "mesh.npy").write_bytes(b"another face")
    assert wardrobe.mark("mira") != first


def test_one_damaged_record_stops_nobody_else(
    own_wardrobe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A damaged record makes its double unwearable and is told as such; the other doubles are listed and worn."""
    stored("mira", kept(tmp_path))
    stored("nora", kept(tmp_path))
    (own_wardrobe / "mira" / "lent.json").write_text("no json", "utf-8")
    assert wardrobe.lent_names() == ("nora",)
    assert run(["doubles"]) == 0
    assert {"mira  damaged: restore it from a copy"} < set(capsys.readouterr().out.splitlines())
    assert run(["doubles", "--json"]) == 0
    assert '"damaged": true' in capsys.readouterr().out


def test_nothing_half_stored(own_wardrobe: Path, tmp_path: Path) -> None:
    """Where the wardrobe cannot be written nothing is left in it."""
    own_wardrobe.parent.mkdir(exist_ok=True)
    own_wardrobe.write_text("a file in the way")
    with pytest.raises(VeilError, match="wardrobe cannot be written"):
        stored("mira", kept(tmp_path))
    assert own_wardrobe.read_text() == "a file in the way"
