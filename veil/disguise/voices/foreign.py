"""How names from Russian and its neighbours sound when they are spelled in Latin letters: Akhmed, Magomed, Zhanna.

English rules make "magmd" of them, and an alias that nobody understands is no alias. Letters are read one by one, as
newsreaders do, with the stress where such names usually have it.
"""

import re

_SOUNDS = (
    ("shch", "ʃʧ"), ("dzh", "ʤ"), ("zh", "ʒ"), ("kh", "k"), ("ch", "ʧ"), ("sh", "ʃ"), ("ts", "ts"), ("dz", "dz"),
    ("ya", "jɑ"), ("yu", "ju"), ("yo", "jO"), ("ye", "jɛ"), ("iy", "i"), ("yy", "i"), ("ii", "i"), ("ei", "A"),
    ("ey", "A"), ("ai", "I"), ("ay", "I"), ("oi", "Y"), ("oy", "Y"), ("au", "W"), ("ia", "iɑ"), ("io", "iO"),
    ("a", "ɑ"), ("e", "ɛ"), ("i", "i"), ("o", "O"), ("u", "u"), ("y", "i"), ("g", "ɡ"), ("r", "ɹ"), ("h", "h"),
    *((letter, letter) for letter in "bvdzklmnpstf"),
)  # fmt: skip
_UNSTRESSED = {"O": "ɑ", "ɑ": "ə"}
_VOWEL = "ɑɛiOuAIYW"
_SPELLED = re.compile("|".join(spelled for spelled, _ in _SOUNDS))
_ONLY_SUCH = re.compile(f"(?:{_SPELLED.pattern})+")
_ENGLISH = re.compile(
    "th|ph|gh|ck|ee|oo|ea|ou|ue|uy|(?:son|ton|ley|ford|man|land|field|ing|er|or)$|[^dz]e$|([bdfgkpz])\\1"
)
_EARLIER = re.compile("(?:ov|ev|in|ich)$")  # the stress before the last syllable, though a consonant ends the word


def sounds_of(name: str) -> str | None:
    """Return how a name is pronounced, in misaki's alphabet; None when its spelling looks like English."""
    low = name.lower()
    if len(low) < 4 or not _ONLY_SUCH.fullmatch(low) or _ENGLISH.search(low):
        return None
    table = dict(_SOUNDS)
    sounds = "".join(table[spelled] for spelled in _SPELLED.findall(low))
    vowels = [at for at, sound in enumerate(sounds) if sound in _VOWEL]
    if not vowels:
        return None
    last = sounds[-1] not in _VOWEL and not _EARLIER.search(low)
    stressed = vowels[-1] if last or len(vowels) == 1 or sounds[-1] in "AIY" else vowels[-2]
    if low.endswith("ia") and len(vowels) > 2:
        stressed = vowels[-3]
    out = []
    for at, sound in enumerate(sounds):
        if at == stressed:
            out.append("ˈ" + sound)
        else:
            out.append(_UNSTRESSED.get(sound, sound) if at > stressed or sound == "O" else sound)
    return "".join(out)
