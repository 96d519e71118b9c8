"""What a person is asked before they agree, in words that can be read aloud at a kitchen table."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from veil.casework.cases import consents


class Question(NamedTuple):
    """One purpose: the question, what it means, what it does not mean, and what ends when it is taken back."""

    ask: Any
    means: Any
    never: Any
    ends: Any


QUESTIONS: dict[str, Question] = {
    consents.CASEWORK: Question(
        _("May we work for you, and write down what we need for that?"),
        _(
            "A few of us will know your alias, what threatens you and what you need. You may ask who they are. It is "
            "kept sealed. When your case ends, it is destroyed."
        ),
        _("Your real name is not part of this. We tell nobody that you have asked us for help."),
        _("All work on the case stops at once, and everything written in it is destroyed within two weeks."),
    ),
    consents.PARTNER: Question(
        _("May we tell one other organisation about you, so that they can help?"),
        _("We say which organisation it is, and what exactly they learn. Only that one, only that."),
        _("Nobody else learns anything. A no changes nothing in what we do for you."),
        _("Nothing more goes to this partner. What they know already stays with them; we ask them to destroy it."),
    ),
    consents.MEDICAL: Question(
        _("May a doctor or a psychologist of ours see you, and keep notes?"),
        _("They hear what you choose to tell. Only they hold the key to their notes; your case worker does not."),
        _("Nothing from these notes goes to your family, a house, a partner or a court without asking you again."),
        _("The key to the health notes is destroyed at once. Nobody can read them again, the clinician included."),
    ),
    consents.LEGAL: Question(
        _("May a lawyer of ours hear what happened to you, and keep it for a complaint?"),
        _("The lawyer keeps it sealed, under your alias. Before anything is handed in anywhere, you are asked again."),
        _("No police, no court and no embassy gets anything by this answer alone."),
        _("The lawyer's keys to your testimony and evidence are destroyed at once."),
    ),
    consents.PUBLICATION: Question(
        _("May we tell your story in public, so that nobody can know it is yours?"),
        _("Names, places, dates, voices are changed. You see it first. Nothing appears before you are safe."),
        _("Your face, your voice and your name never appear. A no changes nothing in what we do for you."),
        _("Nothing more is published. What is already public cannot be called back; tell the person so, kindly."),
    ),
    consents.STATISTICS: Question(
        _("May we count you, as one among many?"),
        _("You become part of numbers such as “so many people were helped this year”. Small numbers are never told."),
        _("No age, no town and no date of yours can be found in such a number."),
        _("You are not counted from now on. Numbers that are already public stay as they are."),
    ),
}
