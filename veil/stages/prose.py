"""What a report says in plain words: the sentence on top, what to do next, what each channel and limit means."""

from veil.nouns.report import VOICES, Attack, Kind, Report, Verdict

WORDS: dict[Verdict, str] = {
    "safe": "Safe",
    "exposed": "Exposed",
    "not proven": "Not proven",
    "warned": "Warning",
}
TONES: dict[Verdict, str] = {"safe": "safe", "exposed": "exposed", "not proven": "unproven", "warned": "warned"}
"""The class that gives each verdict its colour."""

_CHANNELS: dict[str, tuple[str, str]] = {
    "face": (
        "Face, in single frames",
        (
            "Each frame is compared with the person's own undisguised face by recognisers that no disguise is made "
            "with. Where a first double failed, another one was chosen by trying some with these same recognisers; "
            "its line says so. The frame that looks most alike counts."
        ),
    ),
    "face over time": (
        "Face, over a whole shot",
        "All frames of a shot are taken together, as a patient opponent would. Noise averages out, so it is stricter.",
    ),
    "rank": (
        "Picked out of a crowd",
        (
            "The person stands among many strangers, who are sorted by how much the disguised face is like them. The "
            "score is the person's place on that list: the first places are what an opponent would look at."
        ),
    ),
    "someone else": (
        "Taken for somebody else",
        (
            "A double must not make one person look like another who is in the film. Who is seen too seldom to be "
            "compared is named in the line."
        ),
    ),
    "coverage": (
        "Cover",
        "How much of the face was no longer the original, in the frame in which it was least?",
    ),
    "lifted veil": (
        "The veil lifts",
        "Where a person decided, on record, to be seen, nothing is covered or tried. It cannot be taken back.",
    ),
    "clothes": (
        "Clothes",
        (
            "Clothes are changed where a body was found below a face. Where none was found the whole person lies in "
            "shadow; where their face is not in the picture, nobody looks for their clothes."
        ),
    ),
    "sound": ("Sound", "Can the recording of the original be recognised in the sound of the result?"),
    "voice": (
        "Voice, in single turns",
        (
            "Each turn of the result is compared with all that the person says in the original, by recognisers that no "
            "voice is made with. A few turns of anybody reach the limit by chance; more than that count."
        ),
    ),
    "voice over time": (
        "Voice, over the whole film",
        (
            "All turns of a person are taken together, as a patient opponent would; then the voice is shifted higher "
            "and lower, as a whole and in its colour alone, as somebody would to undo a disguise. The best fit counts."
        ),
    ),
    "between the words": (
        "Voice, between the words",
        "Breath, laughter and sobs give people away too: what is heard where they spoke and no new word stands.",
    ),
    "voice timing": (
        "Rhythm of the voice",
        "Do words begin within their phrases as they did in the original? That alone can tell people apart.",
    ),
    "spoken words": (
        "Hidden words in the sound",
        (
            "The sound of the result is searched for every hidden word by a recogniser that the defence does not use. "
            "That it can hear at all is shown by words that are surely there. It names no word here."
        ),
    ),
    "left of the sound": (
        "Left of the original's sound",
        (
            "The original's own sound is looked for where hidden voices were: at any loudness, a little earlier or "
            "later, in several bands; the hum of the mains too. The score is how far above chance the best place lies."
        ),
    ),
    "own voice": (
        "Voices that are heard",
        "Where the plan lets somebody's own voice be heard, nothing is tried: everyone who knows the voice knows them.",
    ),
    "motion": ("Way of moving", "Can the person be told by how the face moves, whatever face it is?"),
    "file": ("The file itself", "Names, dates, places, previews and other notes that a film file carries unseen."),
    "camera": (
        "The camera",
        "Every sensor leaves a faint pattern of its own in each picture. It can tie the film to the camera.",
    ),
    "writing": ("Writing in the picture", "Signs, screens, papers and number plates that can be read."),
    "non-interference": (  # shown by `veil attack --prove` alone
        "Proof by repainting",
        (
            "The real face is painted over with noise, scars, other eyes and other teeth before it is disguised again. "
            "If the result changes by no more than the smooth light on the face may, no detail of it can have crossed. "
            "The figure is the largest change of a colour value, out of 255."
        ),
    ),
}

KINDS: dict[Kind, str] = {
    "face": "A face that is not a double",
    "bare head": "A head that nothing covers",
    "original": "A part of the real face",
    "strange": "A place that changed though nothing was painted there",
    "writing": "Writing that was to be covered",
}

LIMITS = (
    (
        "What a score is",
        (
            "A recogniser turns two faces, or two voices, into one number: the higher, the more alike. The bar shows "
            "the score against its limit: the mark is the limit, and what reaches it counts as recognised. Two voices "
            "that have nothing to do with each other may be rather alike; the limit is where that stops being chance."
        ),
    ),
    (
        "Where the limits come from",
        (
            "They were measured on public pictures of faces. At the limit for single frames one stranger in a thousand "
            "would be taken for the person by mistake (a false accept rate of 1e-3); over a whole shot, one in ten "
            "thousand (1e-4). So a disguise passes only if it is as unlike the person as strangers are."
        ),
    ),
    (
        "Voices",
        (
            "Limits of voices were measured on 174 people who read aloud in English: for a single turn one stranger in "
            "a hundred reaches the limit, for all turns together one in a thousand; so few people give nothing finer. "
            "Whoever speaks less than three seconds in the original cannot be tried: where another voice says their "
            "words, of which theirs is no part, that is a warning; where their own is bent, silence is what is safe."
        ),
    ),
    (
        "Who decides",
        (
            "The worst one. Of all recognisers, frames and shots the single worst makes the verdict, never a mean. "
            "A recogniser that does not know even the undisguised face of a person may accuse, but it is not heard as "
            "a witness for safety. One line that is “not proven” makes the whole verdict so, never “safe”; a warning "
            "does not: it is for you to judge."
        ),
    ),
    (
        "What was looked at",
        (
            "Every frame is compared with the original and searched for faces by one detector. About one frame in "
            "twelve, the last one, and those after a finding are searched more closely: larger, turned, mirrored or "
            "lightened, by a second detector, and for bodies whose head is bare. Writing is looked for now and then."
        ),
    ),
    (
        "What the report cannot say",
        (
            "That nobody will ever recognise anyone. Friends and family know a person by more than a face, and later "
            "recognisers may be better than today's."
        ),
    ),
)


def title_of(channel: str) -> str:
    """Return a channel's name for people."""
    return _CHANNELS[channel][0] if channel in _CHANNELS else channel.capitalize()


def meaning_of(channel: str) -> str:
    """Return what a channel is, in a sentence or two; nothing for one that nobody described."""
    return _CHANNELS[channel][1] if channel in _CHANNELS else ""


def sentence(words: str) -> str:
    """Return words as a sentence: a capital letter at the start, a full stop at the end."""
    words = words.strip()
    return words[:1].upper() + words[1:] + ("" if not words or words[-1] in ".!?…" else ".")


def headline(report: Report) -> tuple[str, str]:
    """Return the verdict in one sentence, and what to do next."""
    if report.verdict == "not proven":
        return "It is not proven that everyone is safe.", f"Do not release the film yet. {_untried(report)}"
    if report.verdict == "exposed":
        return _exposed(report), f"Do not release this film. {_remedy(report)}"
    warned = "look at the warnings below, read " * any(a.verdict == "warned" for a in report.attacks) or "read below "
    then = f"Before you release the film, {warned}what was not checked, and watch it once with your own eyes."
    return "Nobody under protection was recognised.", then


def _untried(report: Report) -> str:
    first = next((a for a in report.attacks if a.verdict == "not proven"), None)
    if first is None:
        return "Nobody was there to be recognised: see that the right people are under protection."
    who = f"{first.person}: " if first.person else ""
    why = sentence(f"{who}{first.said or title_of(first.channel).lower() + ' could not be tried'}")
    if first.channel in VOICES:
        return f'{why} With voice = "silence" for them in the plan, and subtitles, nothing is left to recognise.'
    return f"{why} A stronger cover for them in the plan, shadow or blackout, leaves nothing to recognise."


def _exposed(report: Report) -> str:
    people = sorted({a.person for a in report.attacks if a.verdict == "exposed" and a.person})
    if people:
        return f"{_listed(people)} can still be recognised."
    if report.findings:
        count = len({f.index for f in report.findings})
        return f"{KINDS[report.findings[0].kind]} shows in {count} frame{'s' if count != 1 else ''}."
    return "The film gives somebody away by more than faces."


def _remedy(report: Report) -> str:
    """Return what is to be done about the worst."""
    for attack in report.attacks:
        if attack.verdict == "exposed" and attack.person is None:
            return sentence(attack.said)
        if attack.verdict == "exposed" and attack.channel in VOICES:
            return (
                f'Choose voice = "revoice" or "silence" for {attack.person} in the plan, then cut and attack again; '
                "`veil disguise` draws another voice, and then silence with subtitles, by itself."
            )
        if attack.verdict == "exposed":
            return (
                f"Choose another double, or the cover shadow or blackout, for {attack.person} in the plan, then cut "
                "and attack again; `veil disguise` raises the cover by itself."
            )
    return "Run `veil disguise`, which covers what was found, or choose a stronger cover in the plan."


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def ratio_of(attack: Attack) -> float | None:
    """Return score over limit, 1 and above being recognised; None where there is none.

    Where less is worse (a safe score above its limit, an exposed one below) it is the other way round.
    """
    if attack.score is None or attack.limit is None:
        return None
    score, limit = attack.score, attack.limit
    if (attack.verdict == "safe" and score > limit) or (attack.verdict == "exposed" and score < limit):
        score, limit = limit, score
    if limit <= 0:
        return 0.0 if score <= limit else 2.0
    return max(0.0, score / limit)
