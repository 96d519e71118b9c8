"""The plan file: what is written is read again, and every mistake in it is told in one sentence with a hint."""

import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import faces
from veil import __version__
from veil.disguise import wardrobe
from veil.errors import VeilError
from veil.nouns.plan import CLOTHES, COVERS, EARS, HAIRS, SPECTACLES, Beyond, Plan, Role
from veil.nouns.time import Span
from veil.nouns.voicing import FROMS, SPEECHES, Voicing
from veil.stages import beyond
from veil.stages.case import Case, CaseFolder, write_json
from veil.stages.casting import Scores, try_on
from veil.stages.plan import default_plan, make_plan, read_plan, written


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Return a case with two people, P1 and P2."""
    return faces.case_of(faces.crossing(6), tmp_path_factory.mktemp("case"))


def scores_of(case: Case, alike: str = "") -> Scores:
    """Return what the fitting room may have found: nobody is known in any double but in `alike`."""
    return {p.label: {name: 0.9 if name == alike else 0.1 for name in wardrobe.names()} for p in case.cast.people}


def plan_of(text: str, case: Case) -> Plan:
    """Read a plan, the fitting room content with every double."""
    return read_plan(text, case, scores_of(case))


MS = st.integers(0, 4_000_000).map(lambda ms: Fraction(ms, 1000))
SPANS = st.tuples(MS, MS).map(lambda ends: Span(min(ends), max(ends)))
ALWAYS = Span(Fraction(0), Fraction(10**9))
WORN = {
    "cover": st.sampled_from(COVERS),
    "beyond": st.builds(
        Beyond,
        outline=st.integers(0, 100),
        hair=st.just(HAIRS[0]),  # to look for hair takes long: see test_hair_that_is_not_known
        ears=st.sampled_from(EARS),
        glasses=st.sampled_from(SPECTACLES),
    ),
    "performance": st.integers(0, 100),
    "clothes": st.sampled_from(CLOTHES),
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
VOICED = {
    "voice": TEXTS,
    "takes": TEXTS.map("t".__add__),
    "consent": TEXTS.map("c".__add__),
    "second_pass": st.booleans(),
}
VOICES = st.builds(Voicing, by=st.sampled_from(SPEECHES), **VOICED)
DOUBLES = st.sampled_from(wardrobe.names())
SEEN = st.lists(SPANS | st.just(ALWAYS), max_size=3).map(tuple)
HIDDEN = st.lists(SPANS, max_size=3).map(tuple)
HEARD = st.builds(Voicing, by=st.sampled_from(SPEECHES), heard=SEEN, **VOICED)
ROLES = st.builds(Role, double=DOUBLES, seen=SEEN, voicing=HEARD, **WORN) | st.builds(
    Role, double=DOUBLES, hidden=HIDDEN, voicing=VOICES, **WORN
)
OTHERS = st.builds(Role, double=st.none() | DOUBLES, hidden=HIDDEN | st.just((ALWAYS,)), voicing=VOICES, **WORN)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    roles=st.fixed_dictionaries({"P1": ROLES, "P2": ROLES}),
    seed=st.integers(0, 2**63),
    others=OTHERS,
    title=st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    sound=st.sampled_from(["disguised", "left out", "as it is"]),
    hidden_from=st.sampled_from(FROMS),
    language=st.sampled_from(["", "en", "ru", "ckt"]),
    ambience=st.sampled_from(["synthetic", "as it is"]),
    subtitles=st.sampled_from(["beside", "burned in", "left out"]),
    codec=st.sampled_from(["h264", "hevc"]),
    quality=st.integers(0, 51),
    preset=st.sampled_from(["ultrafast", "veryfast", "medium", "veryslow"]),
)
def test_round_trip(case: Case, roles: dict[str, Role], seed: int, others: Role, **rest: object) -> None:
    """Any plan, written as a file and read again, is the same plan, to the millisecond."""
    plan = Plan(seed, roles, others, **rest)  # type: ignore[arg-type]  # drawn by hypothesis
    if plan.sound == "disguised" and plan.hidden_from != "the public":
        bent = any(r.voicing.by == "convert" and ALWAYS not in r.voicing.heard for r in (*roles.values(), others))
        if bent:
            with pytest.raises(VeilError, match="software recognises it"):
                plan_of(written(plan, case), case)
            return
    again = plan_of(written(plan, case), case)
    assert again == plan


def test_voices_have_a_place_in_the_plan(case: Case) -> None:
    """Who is heard and never seen can be named, with a voice and nothing that is seen; who is neither cannot."""
    plan = read_plan('[people.V1]\nheard = ["always"]\nalias = " Old  friend"', case, scores_of(case), None, ("V1",))
    assert plan.roles["V1"].sounds(Fraction(3))
    assert plan.roles["V1"].alias == "Old friend"
    assert not plan.role_of("P1").sounds(Fraction(3))
    assert read_plan(written(plan, case), case, scores_of(case), None, ("V1",)) == plan
    with pytest.raises(VeilError, match="V2, who is not in the film"):
        read_plan("[people.V2]", case, scores_of(case), None, ("V1",))
    with pytest.raises(VeilError, match="V1, who is heard and never seen, says 'cover'"):
        read_plan('[people.V1]\ncover = "shadow"', case, scores_of(case), None, ("V1",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[others]\nheard = ["always"]', "lets strangers be heard"),
        ('[others]\nalias = "Akhmed"', "lets strangers be heard"),
        ('[people.P1]\nalias = "Akhmed"\n[people.P2]\nalias = "AKHMED"', "the same alias"),
        ('[people.P1]\nvoice = "double"', "no takes or no consent"),
        ('[people.P1]\nvoice = "pitch"', "voice of P1 cannot be"),
        ("[people.P1]\nsecond_pass = 1", "not true or false"),
        ("[people.P1]\nalias = 3", "is not a text"),
        ('hidden_from = "nobody"', "hidden_from cannot be"),
        ('language = "Russian"', "not the code of a language"),
    ],
)
def test_a_plan_for_voices_that_cannot_be(case: Case, text: str, said: str) -> None:
    """What a plan cannot say of voices is refused, with what is wrong."""
    with pytest.raises(VeilError, match=said):
        plan_of(text, case)


def test_the_veil_lifts_from_the_voice() -> None:
    """A voice is heard where the plan says so, and where the veil is gone; not while it lifts."""
    role = Role(lift=((Fraction(2), 1.0), (Fraction(4), 0.0)), voicing=Voicing(heard=(Span(Fraction(0), Fraction(1)),)))
    heard = [role.sounds(Fraction(at, 2)) for at in range(10)]
    assert heard == [True, True, False, False, False, False, False, False, True, True]


def test_hair_that_is_not_known(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hair that Veil cannot tell is not left undyed in silence: the plan is refused, and says whose."""
    assert plan_of('[people.P1]\nhair = "red"', case).roles["P1"].beyond.hair == "red"
    monkeypatch.setattr(beyond, "hair_of", lambda _: None)
    with pytest.raises(VeilError, match="what of P1 is hair"):
        plan_of('[people.P1]\nhair = "red"', case)
    with pytest.raises(VeilError, match="what of P1 is hair"):
        plan_of('[people.P2]\n[others]\nhair = "red"', case)
    assert plan_of('[people.P1]\ncover = "shadow"\nhair = "red"', case).roles["P1"].beyond.hair == "red"


def test_the_first_plan_hides_everyone(case: Case, tmp_path: Path) -> None:
    """The plan that nobody edited disguises everyone, strangers too, shows nobody and lets no voice be heard."""
    write_json(tmp_path / f"fittings-{__version__}.json", scores_of(case))
    plan = make_plan(case, CaseFolder(tmp_path))
    assert plan == default_plan(case, scores_of(case)) == plan_of((tmp_path / "plan.toml").read_text("utf-8"), case)
    assert set(plan.roles) == {"P1", "P2"}
    assert all(role.cover == "double" and not role.seen for role in [*plan.roles.values(), plan.others])
    assert plan.roles["P1"].double != plan.roles["P2"].double
    assert plan.sound == "disguised"
    assert plan.role_of("P77") is plan.others


def test_fittings_of_another_version(case: Case, tmp_path: Path) -> None:
    """What was measured with the doubles of another version counts for nothing."""
    write_json(tmp_path / "fittings.json", scores_of(case))
    write_json(tmp_path / "fittings-0.0.1.json", scores_of(case))
    assert try_on(case, CaseFolder(tmp_path)) != scores_of(case)


def test_casting_is_stable(case: Case) -> None:
    """The same people get the same doubles every time, and a double that the plan names keeps the others' away."""
    scores = scores_of(case)
    assert default_plan(case, scores) == default_plan(case, scores)
    first = default_plan(case, scores).roles["P1"].double
    told = plan_of(f'[people.P1]\n[people.P2]\ndouble = "{first}"\n', case)
    assert told.roles["P2"].double == first
    assert told.roles["P1"].double not in {first, None}


@pytest.mark.parametrize("alike", wardrobe.names())
def test_a_double_that_looks_like_its_witness(case: Case, alike: str) -> None:
    """A double in which the witness is known again is never cast, and refused when the plan asks for it."""
    scores = scores_of(case, alike)
    plan = default_plan(case, scores)
    assert alike not in {role.double for role in plan.roles.values()}
    with pytest.raises(VeilError) as caught:
        read_plan(f'[people.P1]\ndouble = "{alike}"\n', case, scores)
    assert caught.value.hint
    with pytest.raises(VeilError, match="P2 would still look"):
        read_plan(f'[people.P1]\n[others]\ndouble = "{alike}"\n', case, scores)


def test_hidden_before_and_after(case: Case) -> None:
    """Somebody who is hidden up to the instant from which they are seen says nothing twice."""
    role = plan_of('[people.P1]\nhidden = ["1 - 2"]\nseen = ["2 - 3"]\n', case).roles["P1"]
    assert (role.shows(Fraction(2)), role.shows(Fraction(3, 2))) == (True, False)


def test_what_a_person_wrote_is_kept(case: Case, tmp_path: Path) -> None:
    """A plan that is there is read, never overwritten."""
    text = '# mine\n[people.P2]\ncover = "shadow"\nseen = ["0:00:01 - 0:00:02.5"]\n'
    (tmp_path / "plan.toml").write_text(text, "utf-8")
    plan = make_plan(case, CaseFolder(tmp_path))
    assert (tmp_path / "plan.toml").read_text("utf-8") == text
    assert plan.roles["P2"].cover == "shadow"
    assert plan.roles["P2"].shows(Fraction(1))
    assert not plan.roles["P2"].shows(Fraction(5, 2)), "a span does not hold its end"
    assert plan.role_of("P1") is plan.others, "who is not named wears what others wear"


def test_an_empty_plan_hides_everyone(case: Case) -> None:
    """A plan that says nothing hides everyone."""
    plan = plan_of("", case)
    assert not plan.roles
    assert plan.others == Role()
    assert plan.sound == "disguised"


MISTAKES = {
    "not toml": ("seed = = 3", "plan"),
    "cut off": ('[people.P1]\ncover = "dou', "plan"),
    "unknown person": ("[people.P9]\n", "P9"),
    "unknown double": ('[people.P1]\ndouble = "elvis"\n', "elvis"),
    "double of another kind": ("[people.P1]\ndouble = 3\n", "double"),
    "double as a list": ("[people.P1]\ndouble = [1]\n", "double"),
    "unknown key": ("speed = 3\n", "speed"),
    "unknown key of a person": ('[people.P1]\nmask = "x"\n', "mask"),
    "unknown cover": ('[people.P1]\ncover = "blur"\n', "blur"),
    "cover as a list": ('[people.P1]\ncover = ["double"]\n', "cover"),
    "unknown cover of others": ('[others]\ncover = "mosaic"\n', "mosaic"),
    "strangers seen": ('[others]\nseen = ["always"]\n', "strangers"),
    "hidden and seen": ('[people.P1]\nhidden = ["1 - 2"]\nseen = ["1.9 - 3"]\n', "P1 is hidden and seen"),
    "hidden and always seen": ('[people.P1]\nhidden = ["1 - 2"]\nseen = ["always"]\n', "P1 is hidden and seen"),
    "hidden and lifted": ('[people.P1]\nhidden = ["1 - 2"]\nlift = [["0", 100], ["1.5", 0]]\n', "hidden and seen"),
    "unknown clothes": ('[people.P1]\nclothes = "tartan"\n', "clothes"),
    "clothes as a list": ('[people.P1]\nclothes = ["flat"]\n', "clothes"),
    "bad span": ('[people.P1]\nseen = ["soon"]\n', "span"),
    "half a span": ('[people.P1]\nseen = ["0:00:01"]\n', "span"),
    "three times": ('[people.P1]\nseen = ["1 - 2 - 3"]\n', "span"),
    "span backwards": ('[people.P1]\nseen = ["0:00:05 - 0:00:01"]\n', "span"),
    "span of nothing": ("[people.P1]\nseen = [3]\n", "span"),
    "division by zero": ('[people.P1]\nseen = ["1/0 - 2"]\n', "span"),
    "seen is no list": ('[people.P1]\nseen = "always"\n', "seen"),
    "person is no table": ("[people]\nP1 = 3\n", "P1"),
    "people is no table": ("people = 3\n", "people"),
    "others is no table": ("others = 3\n", "others"),
    "bad seed": ('seed = "x"\n', "seed"),
    "negative seed": ("seed = -1\n", "seed"),
    "bad sound": ('sound = "loud"\n', "sound"),
    "bad codec": ('codec = "vp9"\n', "codec"),
    "bad quality": ("quality = 52\n", "quality"),
    "quality as truth": ("quality = true\n", "quality"),
    "bad preset": ('preset = "warp"\n', "preset"),
}


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_every_mistake_is_told(case: Case, mistake: str) -> None:
    """A plan that is wrong is refused with one clear sentence that names what is wrong, and a hint."""
    text, word = MISTAKES[mistake]
    with pytest.raises(VeilError) as caught:
        plan_of(text, case)
    problem = str(caught.value)
    assert word in problem
    assert caught.value.exit_code == 1
    assert caught.value.hint
    assert "\n" not in problem
    assert not re.search(r"[A-Z]\w*Error", problem)


def test_a_plan_that_is_no_text(case: Case, tmp_path: Path) -> None:
    """A plan file that is not UTF-8 text is refused with a sentence, not a traceback."""
    (tmp_path / "plan.toml").write_bytes(b"\xff\xfe\x00seed")
    with pytest.raises(VeilError):
        make_plan(case, CaseFolder(tmp_path))
