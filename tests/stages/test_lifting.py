"""The veil lifts: only with a consent for exactly that, as a true dissolve, and the attack says it plainly."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces
from tests.days import TODAY
from veil.desk import Desk
from veil.disguise import lent, wardrobe
from veil.errors import VeilError
from veil.media import probe, read
from veil.nouns.cut import Attendance
from veil.nouns.film import Shot
from veil.nouns.picture import Box
from veil.nouns.plan import Plan, Role
from veil.nouns.report import LIFTED, Attack, Finding, Report
from veil.nouns.time import Span
from veil.stages.case import Case, CaseFolder, load_found
from veil.stages.dressing import CuttingRoom
from veil.stages.escalation import raise_covers
from veil.stages.lifting import lifts_of, mark_of
from veil.stages.plan import default_plan, read_plan, written
from veil.stages.signing import signs_of

LIFT = 'lift = [["0:00:00.2", 100], ["0:00:00.4", 0], ["0:00:00.6", 0], ["0:00:00.8", 100]]\n'
NAMED = 'lift_consent = "consent-P1.toml"\n'
KEYS = ((Fraction(1, 5), 1.0), (Fraction(2, 5), 0.0), (Fraction(3, 5), 0.0), (Fraction(4, 5), 1.0))
CONSENT = {
    "person": '"P1"',
    "decided_by": '"the person themselves"',
    "decided_on": "2026-01-02",
    "explained": '["everyone sees the face, for ever"]',
    "times": '["0:00:00 - 0:00:01"]',
    "until": (TODAY + timedelta(days=30)).isoformat(),
}


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Return the case of two people who pass each other for 30 frames, in a folder of its own."""
    return faces.case_of(faces.crossing(30), tmp_path)


def consent(folder: Path, case: Case, **other: str | None) -> None:
    """Write a consent that is good, but for what is said otherwise; None leaves a line out."""
    good = {**CONSENT, "film": f'"{mark_of(case, "P1")[:20]}"'}
    lines = [f"{key} = {value}" for key, value in {**good, **other}.items() if value is not None]
    (folder / "consent-P1.toml").write_text("\n".join(lines) + "\n")


def plan_of(text: str, case: Case, folder: Path) -> Plan:
    """Read a plan beside which consents may lie."""
    scores = {p.label: dict.fromkeys(wardrobe.names(), 0.1) for p in case.cast.people}
    return read_plan(text, case, scores, folder)


def test_with_consent_it_lifts(case: Case, tmp_path: Path) -> None:
    """With a consent for these times the plan is followed; what it wrote is read again as it was."""
    consent(tmp_path, case)
    plan = plan_of(f"[people.P1]\n{LIFT}{NAMED}", case, tmp_path)
    assert plan.roles["P1"].lift == KEYS
    assert plan_of(written(plan, case), case, tmp_path) == plan


def test_nobody_lifts_by_default(case: Case, tmp_path: Path) -> None:
    """The first plan lifts nothing, and says in a remark how it would, and whose decision it is."""
    scores = {p.label: dict.fromkeys(wardrobe.names(), 0.1) for p in case.cast.people}
    text = written(default_plan(case, scores), case)
    assert not any(role.lift for role in plan_of(text, case, tmp_path).roles.values())
    assert "# lift = " in text
    assert "consent" in text


REFUSED: dict[str, tuple[str, dict[str, str | None] | None, str]] = {
    "no consent named": (LIFT, {}, "without their consent"),
    "no such file": (LIFT + NAMED, None, "not in the case folder"),
    "elsewhere": (LIFT + 'lift_consent = "../consent-P1.toml"\n', {}, "not in the case folder"),
    "withdrawn": (LIFT + NAMED, {"withdrawn": "true"}, "withdrawn"),
    "over": (LIFT + NAMED, {"until": "2026-02-01"}, "no longer valid"),
    "not yet": (LIFT + NAMED, {"decided_on": "2990-01-01"}, "in the future"),
    "another film": (LIFT + NAMED, {"film": '"' + "a" * 16 + '"'}, "another film"),
    "any film": (LIFT + NAMED, {"film": '""'}, "does not say all"),
    "too little of a mark": (LIFT + NAMED, {"film": '"0"'}, "another film"),
    "after the film": ('lift = [["5", 100], ["6", 0], ["7", 100]]\n' + NAMED, {}, "did not agree"),
    "another person": (LIFT + NAMED, {"person": '"P2"'}, "somebody else"),
    "other times": (LIFT + NAMED, {"times": '["0:00:00 - 0:00:00.5"]'}, "did not agree"),
    "a hole in the times": (LIFT + NAMED, {"times": '["0 - 0.5", "0.51 - 1"]'}, "did not agree"),
    "for good": ('lift = [["0.2", 100], ["0.4", 0]]\n' + NAMED, {}, "did not agree"),
    "nobody decided": (LIFT + NAMED, {"decided_by": '" "'}, "does not say all"),
    "no day": (LIFT + NAMED, {"decided_on": None}, "does not say all"),
    "no end": (LIFT + NAMED, {"until": None}, "does not say all"),
    "nothing explained": (LIFT + NAMED, {"explained": "[]"}, "does not say all"),
    "withdrawn perhaps": (LIFT + NAMED, {"withdrawn": '"no"'}, "does not say all"),
    "a key misspelt": (LIFT + NAMED, {"withdraw": "true"}, "does not say all"),
    "not toml": (LIFT + NAMED, {"person": "="}, "does not say all"),
    "backwards": ('lift = [["0.4", 100], ["0.2", 0]]\n' + NAMED, {}, "order of time"),
    "at once": ('lift = [["0.4", 100], ["0.4", 0]]\n' + NAMED, {}, "order of time"),
    "bare at first": ('lift = [["0", 0], ["0.4", 100]]\n' + NAMED, {}, "below 100"),
    "half at first": ('lift = [["0", 99], ["0.4", 100]]\n' + NAMED, {}, "below 100"),
    "never": ('lift = [["0", 100], ["0.4", 100]]\n' + NAMED, {}, "never lifts"),
    "too much": ('lift = [["0", 100], ["0.4", -1]]\n' + NAMED, {}, "0 and 100"),
    "no number": ('lift = [["0", 100], ["0.4", "0"]]\n' + NAMED, {}, "key frame"),
    "no time": ('lift = [["0", 100], ["soon", 0]]\n' + NAMED, {}, "key frame"),
    "no list": ('lift = "0.4"\n' + NAMED, {}, "not a list"),
    "no pair": ('lift = [["0.4"]]\n' + NAMED, {}, "key frame"),
    "no name of a file": (LIFT + "lift_consent = 3\n", {}, "name of a file"),
}


@pytest.mark.parametrize("mistake", sorted(REFUSED))
def test_a_mistake_reveals_nobody(case: Case, tmp_path: Path, mistake: str) -> None:
    """Without a good consent for exactly these times, or with key frames that make no sense, there is no plan."""
    text, other, why = REFUSED[mistake]
    folder = tmp_path / "case"
    folder.mkdir()
    if other is not None:
        consent(folder, case, **other)
        consent(tmp_path, case)  # one that would be good lies where it must not be looked for
    with pytest.raises(VeilError, match=why) as caught:
        plan_of(f"[people.P1]\n{text}", case, folder)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_strangers_never_lift(case: Case, tmp_path: Path) -> None:
    """Nobody can consent for whoever is not named."""
    consent(tmp_path, case)
    with pytest.raises(VeilError, match="strangers"):
        plan_of(f"[others]\n{LIFT}{NAMED}", case, tmp_path)


def test_two_who_pass_for_one_do_not_lift(case: Case, tmp_path: Path) -> None:
    """Where one label is on screen twice at once, one of the two is somebody else's face: the plan is refused."""
    first, second = case.cast.people
    merged = replace(case.cast, people=(replace(first, tracks=(*first.tracks, *second.tracks)),))
    late = Shot(Span(Fraction(1, 2), Fraction(17, 10)), 0, 30)  # its frames are not where their number says
    for shot in (case.shots[0], late):
        taken = replace(case, cast=merged, shots=(shot,))
        consent(tmp_path, taken)
        with pytest.raises(VeilError, match="two places"):
            plan_of(f"[people.P1]\n{LIFT}{NAMED}", taken, tmp_path)


def test_a_film_that_tells_no_length(case: Case, tmp_path: Path) -> None:
    """Where the file tells of no length, as live films do, what was watched counts: a lift in it needs its consent."""
    live = replace(case, film=replace(case.film, length_s=Fraction(1, 25)))
    consent(tmp_path, live, times='["0:00:00 - 0:00:00.3"]')
    with pytest.raises(VeilError, match="did not agree"):
        plan_of(f"[people.P1]\n{LIFT}{NAMED}", live, tmp_path)
    consent(tmp_path, live)
    plan = plan_of(f"[people.P1]\n{LIFT}{NAMED}", live, tmp_path)
    assert lifts_of(plan, live) == {"P1": "0:00:00.200 to 0:00:00.800"}
    assert signs_of(replace(live, shots=(Shot(Span(Fraction(0), Fraction(9)), 0, 30),)), plan).card is not None


def test_a_consent_is_one_persons(case: Case, tmp_path: Path) -> None:
    """Whoever comes to be called P1 when the film is watched anew is not shown by what another P1 agreed to."""
    consent(tmp_path, case)
    first, second = case.cast.people
    anew = replace(case.cast, people=(replace(first, tracks=second.tracks), replace(second, tracks=first.tracks)))
    with pytest.raises(VeilError, match="somebody else in it") as caught:
        plan_of(f"[people.P1]\n{LIFT}{NAMED}", replace(case, cast=anew), tmp_path)
    assert mark_of(case, "P2")[:16] in caught.value.hint
    assert len({mark_of(case, label) for label in ("P1", "P2", "P3")}) == 3


def test_a_consent_that_cannot_be_read(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A consent that may not be opened is a sentence, and nobody is seen."""
    consent(tmp_path, case)
    monkeypatch.setattr(Path, "read_text", lambda *_: (_ for _ in ()).throw(PermissionError))
    with pytest.raises(VeilError, match="cannot be read"):
        plan_of(f"[people.P1]\n{LIFT}{NAMED}", case, tmp_path)


def test_the_day_is_the_users(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A consent ends with its last day where the user is, like that for a lent double."""
    monkeypatch.setattr(lent, "today", lambda: date(2031, 5, 2))
    consent(tmp_path, case, until="2031-05-01")
    with pytest.raises(VeilError, match="no longer valid"):
        plan_of(f"[people.P1]\n{LIFT}{NAMED}", case, tmp_path)
    consent(tmp_path, case, until="2031-05-02")
    assert plan_of(f"[people.P1]\n{LIFT}{NAMED}", case, tmp_path).roles["P1"].lift


def _oval(scene: faces.Scene, index: int, who: int) -> NDArray[np.bool_]:
    mask = np.zeros(scene.size[::-1], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(scene.truth(index)[who].round().astype(np.int32)), 1)
    return mask > 0


def test_it_dissolves_and_the_ledger_settles(case: Case) -> None:
    """Double, blend, bare face, blend, double: each frame a mix by the opacity; the other person stays covered."""
    scene = faces.wearing(faces.crossing(30), faces.speckled(16))
    plan = Plan(3, {"P1": Role(double="boris", lift=KEYS), "P2": Role(double="ada")})
    room, whole = (
        CuttingRoom(case, plan, {}),
        CuttingRoom(case, replace(plan, roles={**plan.roles, "P1": Role(double="boris")}), {}),
    )
    attendance = Attendance(case.cast)
    for index in range(8):  # before they meet
        frame = faces.frame_of(scene, index)
        room.ledger.owe(index, frame.at, attendance, plan)
        out, covered = room.dress(frame).picture.rgb(), whole.dress(frame).picture.rgb()
        opacity, inside = plan.roles["P1"].veil(frame.at), _oval(scene, index, 0)
        mixed = covered * opacity + frame.picture.rgb() * (1 - opacity)
        assert np.abs(out - mixed)[inside].mean() < 3, "no true dissolve"
        skin = faces.shown(scene, index, out)
        assert np.median(skin[_oval(scene, index, 1)]) < 0.3, "the other one shows"
        if opacity in (0, 1):
            assert abs(float(np.median(skin[inside])) - (1 - opacity)) < 0.25
    owed = {index for index, track in room.ledger.owed if track == "T1"}
    assert owed == set(range(8)) - {i for i in range(8) if plan.roles["P1"].shows(Fraction(i, 25))}
    room.settled()


def _never(label: str, refused: Sequence[str]) -> str | None:
    del label, refused
    return None


def test_an_attack_never_covers_who_lifts(tmp_path: Path) -> None:
    """What is found of a person just before their veil lifts is covered up to the lift, not within it."""
    case = faces.case_of(faces.speaking(30), tmp_path)
    plan = Plan(0, {"P1": Role(double="ada", lift=KEYS)})
    found = Finding(3, Box(10, 10, 60, 60), 0.9, "original", "P1")
    attacks = (Attack("P1", "face", "x", 0.1, 1.0, "safe"),)
    report = Report(30, 0, (found,), attacks)
    raise_covers(case, plan, CaseFolder(tmp_path), report, _never)
    assert set(load_found(CaseFolder(tmp_path))) == {0, 1, 2, 3, 4, 5}


def test_a_lift_alone_proves_nothing() -> None:
    """To be told that somebody lifts the veil is no attack on anybody."""
    assert Report(9, 0, (), (Attack("P1", LIFTED, "", None, None, "warned"),)).verdict == "not proven"


def test_through_the_whole_path(tmp_path: Path) -> None:
    """The film is finished: the face is there in the middle and nowhere else, and every report says so."""
    scene = faces.wearing(faces.speaking(30), faces.speckled(16))
    desk = Desk(faces.film(tmp_path / "film.mp4", scene))
    case = desk.watch()
    consent(desk.folder.path, case, times='["0:00:00.2 - 0:00:00.8"]')
    desk.folder.plan.write_text(f'[people.P1]\ndouble = "boris"\n{LIFT}{NAMED}')
    report = desk.disguise(tmp_path / "result.mp4")
    assert report.safe
    shares = []
    with read(probe(tmp_path / "result.mp4")) as frames:
        shares = [faces.leak(scene, f.index, f.picture.rgb()) for f in frames]
    role = desk.plan().roles["P1"]
    for index, share in enumerate(shares):
        at = Fraction(index, 25)
        assert share < 0.05 if role.hides(at) else True
        assert share > 0.9 if role.shows(at) else True
    (told,) = [a for a in report.attacks if a.channel == LIFTED]
    assert told.verdict == "warned"
    assert "0:00:00.200 to 0:00:00.800" in told.said
    assert "no longer protects" in told.said
    assert "lifts the veil" in desk.folder.page.read_text("utf-8")
    assert not load_found(desk.folder)
    assert json.loads(desk.folder.ledger.read_text())["owed"] == sum(not role.shows(Fraction(i, 25)) for i in range(30))
    consent(desk.folder.path, case, withdrawn="true")
    with pytest.raises(VeilError, match="withdrawn"):
        desk.cut(tmp_path / "again.mp4")
