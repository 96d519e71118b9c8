"""`veil hear`: counts and remarks, and never a word of what is said."""

from fractions import Fraction

from veil.cli.hear import facts_of
from veil.nouns.speech import Heard, Phrase, Transcript, Word
from veil.nouns.time import Span

SPAN = Span(Fraction(1), Fraction(2))


def test_it_counts_and_tells_no_word() -> None:
    """What is printed says how much is said by whom, what is doubtful and what is not known, without the words."""
    phrases = (
        Phrase("P1", SPAN, (Word("secret", SPAN, 0.3), Word("place", SPAN))),
        Phrase("P1", SPAN, (Word("secret", SPAN),), "corrected"),
        Phrase("V1", SPAN, ()),
    )
    heard = Heard(transcript=Transcript("en", phrases, "written down by a parrot"), remarks=("a remark",))
    facts = facts_of(heard, "transcript.txt")
    assert facts["phrases"] == {"P1": 2, "V1": 1}
    assert (facts["doubtful"], facts["unclear"], facts["corrected"]) == (1, 1, 1)
    assert "secret" not in str(facts)
