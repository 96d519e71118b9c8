"""Words: believed where they were heard, and nowhere else."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.talkies import hiss, spoken
from veil.errors import VeilError
from veil.hearing.recognisers import Whisper, recogniser_for
from veil.hearing.speech import activity_of, speech_spans
from veil.hearing.words import PACK_S, Part, believed, packed, recognise
from veil.nouns.speech import HEARING_HZ, Sound, Word
from veil.nouns.time import Span


def span(start: float, end: float) -> Span:
    return Span(Fraction(start), Fraction(end))


def part(
    text: str = "we left", likely: float = -0.2, silent: float = 0.05, repeats: float = 1, sure: float = 0.9
) -> Part:
    words = tuple(Word(w, span(k / 4, k / 4 + 0.2), sure) for k, w in enumerate(text.split()))
    return Part(words, likely, silent, repeats, "en")


@dataclass
class Parrot:
    """Says the same of every sound, or what a list tells."""

    says: list[Part] = field(default_factory=lambda: [part()])
    made_by: str = "a parrot"
    identity: str = "parrot"
    languages: tuple[str, ...] = ("en",)
    heard_s: list[float] = field(default_factory=list)

    def recognise(self, sound: Sound, language: str) -> Part:
        del language
        self.heard_s.append(len(sound) / HEARING_HZ)
        return self.says[min(len(self.heard_s), len(self.says)) - 1]


SOUND = hiss(60)


def test_a_voice_that_ships_is_understood() -> None:
    """The recogniser that ships writes down English as it is said, with times in order inside the speech."""
    sound = spoken()
    found = recognise(recogniser_for(), sound, speech_spans(activity_of(sound)))
    said = "".join(c for w in found.words for c in f"{w.text} ".lower() if c.isalpha() or c == " ")
    assert " ".join(said.split()) == "we left the house before dawn nobody knew where the road would take us"
    assert found.language == "en"
    assert not found.lost
    starts = [w.span.start for w in found.words]
    assert starts == sorted(starts)
    assert 0.3 < starts[0] < 0.8
    assert found.words[-1].span.end < len(sound) / HEARING_HZ


@pytest.mark.parametrize(
    "wrong",
    [
        part(likely=-1.2),
        part(likely=-0.6, silent=0.8),
        part(repeats=9),
        part("Thank you.", sure=0.5),
        part("you", silent=0.9),
        Part(()),
    ],
    ids=["unlikely", "silent", "stammer", "stock", "nobody", "nothing"],
)
def test_what_was_made_up_is_not_believed(wrong: Part) -> None:
    """Words over noise, silence or another language are left out, and the place is told."""
    assert not believed(wrong)
    parrot = Parrot([part(), wrong])
    found = recognise(parrot, SOUND, (span(0, 4), span(20, 24)))
    assert len(found.words) == 2
    assert found.lost == (span(20, 24),)
    assert "(?)" in found.remarks[0]


def test_a_film_without_a_word_has_none() -> None:
    """Where all that the recogniser wrote was made up over silence, nothing is left, and the place is told."""
    found = recognise(Parrot([part("Thank you.", likely=-0.6, silent=0.9)]), SOUND, (span(0, 4),))
    assert not found.words
    assert found.lost == (span(0, 4),)


def test_a_clear_thank_you_is_believed() -> None:
    """What people really say counts, even where recognisers make it up elsewhere."""
    assert believed(part("Thank you.", likely=-0.1, silent=0.1, sure=0.95))


def test_another_language_is_noticed() -> None:
    """Where nothing is understood there are no words at all, and the remark says what to do."""
    found = recognise(Parrot([part(likely=-1.1)]), SOUND, (span(0, 9), span(20, 29)))
    assert not found.words
    assert found.language == ""
    assert "--model" in found.remarks[0]
    assert "--subtitles" in found.remarks[0]


def test_a_language_that_is_not_known_is_not_tried() -> None:
    """A recogniser of one language is not asked about another one."""
    parrot = Parrot()
    found = recognise(parrot, SOUND, (span(0, 9),), "ru")
    assert not parrot.heard_s
    assert not found.words
    assert found.lost == (span(0, 9),)
    assert "'ru'" in found.remarks[0]


def test_hours_of_another_language_are_given_up() -> None:
    """A film of which two minutes are not understood is not heard to its end for nothing."""
    parrot, sound = Parrot([part(likely=-1.1)]), np.zeros(1000 * HEARING_HZ, np.float32)
    assert not recognise(parrot, sound, (span(0, 1000),)).words
    assert sum(parrot.heard_s) < 200


def test_a_stammer_is_heard_again_in_short_parts() -> None:
    """Where a recogniser repeats itself, the sound is given to it again in parts."""
    parrot = Parrot([part(repeats=9), part()])
    assert recognise(parrot, SOUND, (span(0, 9),)).words
    assert len(parrot.heard_s) > 2
    assert max(parrot.heard_s[1:]) < 5


def test_packs_hold_all_speech() -> None:
    """Everything that is spoken is given to the recogniser, never more than it takes in one go."""
    speech = (span(0, 2), span(2.5, 4), span(9, 9.5), span(11, 50), span(55, 58))
    packs = packed(speech, SOUND)
    assert all(float(p.length_s) <= PACK_S for p in packs)
    assert sum(float(min(p.end, s.end) - max(p.start, s.start)) for p in packs for s in speech if p.meets(s)) == 46
    assert packs[0] == span(0, 4)


def test_a_model_that_is_none_is_refused(tmp_path: Path) -> None:
    """A folder that holds no model, half a model or a model of a package that is not there is told in one sentence."""
    with pytest.raises(VeilError, match="no such folder"):
        recogniser_for(tmp_path / "none")
    with pytest.raises(VeilError, match="no model"):
        recogniser_for(tmp_path)
    (tmp_path / "model.bin").write_bytes(b"x")
    with pytest.raises(VeilError, match="not whole"):
        recogniser_for(tmp_path)
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(VeilError, match="cannot be loaded"):
        recogniser_for(tmp_path)
    vosk = tmp_path / "vosk" / "am"
    vosk.mkdir(parents=True)
    (vosk / "final.mdl").write_bytes(b"x")
    with pytest.raises(VeilError, match=r"(?i)vosk"):
        recogniser_for(tmp_path / "vosk")


def test_the_model_that_ships_knows_english_only() -> None:
    """What ships says that it knows English and nothing else."""
    shipped = recogniser_for()
    assert isinstance(shipped, Whisper)
    assert shipped.languages == ("en",)
    assert shipped.recognise(np.zeros(0, np.float32), "") == Part(())
