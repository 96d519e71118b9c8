"""What `veil disguise` says beside its transcripts: whose cover was raised, and what a person must judge."""

from types import SimpleNamespace
from typing import Any, cast

from veil.cli.disguise import _raised, _warned
from veil.desk import Desk
from veil.nouns.plan import Plan, Role
from veil.nouns.report import LIFTED, Attack, Report, Verdict
from veil.nouns.voicing import Voicing
from veil.stages.escalation import FILM, Raised


def told(plan: Plan, **raised: Raised) -> dict[str, str]:
    """Return what is said of what was raised."""
    desk: Any = SimpleNamespace(plan=lambda: plan, raised=lambda: raised)
    return _raised(cast(Desk, desk))


def test_a_raised_voice_is_told_as_one() -> None:
    """Who has another voice, or none, by an attack is told so; nobody is said to wear nothing."""
    plan = Plan(1, {"P1": Role(double="ada"), "P2": Role(double="boris")}, sound="disguised")
    again, silent = Raised(voices=2, spoke="revoice  "), Raised(voices=2, silent=True, spoke="revoice  ")
    assert told(plan, P1=again, P2=silent) == {
        "P1": "has another voice: the first 2 new voices were recognised",
        "P2": "has no voice in the result: the new one was recognised, or could not be tried",
    }
    both = Raised("chen", ("ada",), voices=1, spoke="revoice  ")
    assert told(plan, P1=both) == {
        "P1": "was recognised: wears chen, not ada now; has another voice: the first new voice was recognised"
    }
    assert told(plan, P1=Raised(refused=("ada",))) == {}
    assert list(told(plan, **{FILM: Raised(camera=True)})) == [FILM]


def test_a_voice_that_the_author_chose_since_is_not_said_to_be_silent() -> None:
    """What the plan's author has overruled is not told as if it held."""
    plan = Plan(1, {"P1": Role(voicing=Voicing(by="double", takes="takes"))}, sound="disguised")
    assert told(plan, P1=Raised(silent=True, spoke="revoice  ")) == {}


def test_a_warning_is_told_once_and_with_its_person() -> None:
    """Each line of the report that a person must judge is named once; what the plan lifts is told elsewhere."""

    def attack(person: str | None, channel: str, verdict: Verdict = "warned") -> Attack:
        return Attack(person, channel, "", None, None, verdict)

    every = (
        attack("P1", "voice"),
        attack("P1", "voice"),
        attack("P1", "rank"),
        attack(None, "camera"),
        attack("P2", LIFTED),
    )
    assert _warned(Report(1, 0, (), (*every, attack("P1", "face", "safe")))) == ["voice, rank of P1", "camera"]
