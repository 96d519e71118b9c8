"""Cues of English: the words beside which names, places and employers stand."""

import re

from veil.disguise.words.contract import Find
from veil.disguise.words.spelling import key_of

CALLED = re.compile(
    r"\b(?:names? (?:is|was|are)|name's|named|called|call (?:me|him|her)|called (?:me|him|her)|nickname (?:is|was)"
    r"|nicknamed|known as|calls (?:himself|herself|themselves)|calling (?:himself|herself)|call myself|identified as|real name is|signed as|introduced himself as)$"
)
"""Words right before a name."""

KIN = frozenset(
    "brother sister son daughter mother father cousin uncle aunt auntie nephew niece husband wife friend boyfriend"
    " girlfriend partner fiance fiancee neighbour neighbor colleague boss grandmother grandfather grandma grandpa"
    " stepfather stepmother twin girl boy guy man woman lawyer and with".split()
)
TITLES = frozenset(
    "mr mrs ms miss dr doctor sir imam mullah sheikh officer captain major colonel lieutenant sergeant judge"
    " investigator professor commander general inspector saint".split()
)
EXTRA = frozenset(
    "went spilt withdrew tv policemen burqa quran kalashnikov withdrawn thawed firemen salesmen gunmen servicemen"
    " congressmen rouble roubles kilometres metres centimetres tyres kerb skilful mums dirhams hryvnia selfies blogs inshallah okay hello grandkids granddad stepdad stepmum mums dads mama papa".split()
)
"""Ordinary words that the dictionary has not."""
VERBS = frozenset("said will may visit mark faith art drew ken".split())
"""Names that are hardly ever one without a capital, not even beside a brother."""
ACTS = frozenset(
    "was is has had said told came went took saw never knew wanted and did does told gave got left made says knows"
    " always who his her my the ran drove wrote heard found brought kept thought felt sat stood died lives".split()
)
"""What follows a name at the start of a sentence."""
PLACE_BEFORE = frozenset("in from to near at outside around towards through into via leaving left reached".split())
WORKED = re.compile(
    r"\b(?:work(?:ed|ing|s)?|job|employed|studied|studying|study|taught|teach|volunteered|employed|accountant|nurse|manager|engineer|driver|cook|guard|clerk)(?: \w+)? (?:at|for|with|by)(?: the| a)?$"
)

NOT_NAMES = frozenset(
    "the a an my your his her our their its this that these those and or but so because if when while then than as at"
    " by for from in into of off on onto out over to up with without about after before i you he she it we they me him"
    " us them who whom whose what which where why how is am are was were be been being have has had do does did will"
    " would can could shall should may might must not no yes just only also too very really like even still already"
    " again never always sometimes often here there now today tomorrow yesterday one two three all some any many much"
    " more most other another same such own back away home well okay ok oh um uh yeah mister gonna wanna gotta kinda"
    " someone something anyone anything everyone everything nobody nothing somebody everybody dont didnt cant wont"
    " isnt wasnt mum mom mama dad papa grandma grandpa god allah today's let's that's what's it's he's she's there's"
    " after-party hiv aids online offline selfie selfies livestream blog vlog podcast app apps wifi email emails"
    " smartphone inshallah mashallah hijab niqab zikr taip teip adat homophobic homophobia transgender lgbt queer".split()
)

_HEAD_TYPES = {
    "school": "school lyceum gymnasium kindergarten academy madrasa",
    "university": "university college institute faculty conservatory",
    "hospital": "hospital clinic polyclinic",
    "theatre": "theatre theater opera philharmonic cinema circus",
    "museum": "museum gallery library archive",
    "shop": "shop store boutique market supermarket bazaar pharmacy salon barbershop",
    "café": "café cafe restaurant bar bakery canteen teahouse",
    "club": "club gym",
    "hotel": "hotel hostel",
    "factory": "factory plant mill refinery",
    "bank": "bank",
    "company": "company ltd inc llc corporation firm agency studio bureau holding airlines airways group logistics"
    " construction services systems",
    "fair": "fair festival exhibition expo forum",
    "newspaper": "newspaper times gazette herald radio television channel magazine post",
    "charity": "centre center foundation fund charity association union network organisation organization committee society",
    "court": "court",
    "office": "station ministry department office administration",
    "mosque": "mosque church cathedral synagogue monastery temple",
    "prison": "prison colony",
    "stadium": "stadium arena",
    "unit": "regiment battalion brigade",
    "farm": "farm",
    "house": "house",
}  # fmt: skip
ORGANISATION = {word: kind for kind, words in _HEAD_TYPES.items() for word in words.split()}
HEADS = frozenset(ORGANISATION)
"""Words that end the name of an employer, with what it is in one word."""

_HEAD = "|".join(sorted(HEADS, key=len, reverse=True))
_PLAIN = (
    "the|a|an|my|our|your|his|her|their|this|that|local|big|small|old|new|same|whole|other|another|first|second|third"
    "|next|last|in|at|from|to|of|and|or|for|with|private|public|state|high|primary|middle|secondary|music|night|day"
    "|construction|clothes|grocery|shoe|whole|every|each|some|any|one|two|three|is|was|were|are|went|left|no|i|we|he|she|they"
    "|good|bad|police|supreme|regional|district|city|central|main|own|where|when|into|near|by|on|about|after|before|secret"
)
_NUMBER = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?"
_NUMBERED = re.compile(rf"\b(?P<head>{_HEAD}) (?:number |no\.? ?|№ ?)(?:{_NUMBER})\b", re.IGNORECASE)
_CAPITALS = re.compile(
    rf"\b(?:[A-Z][\w'’&-]*(?: of| and| for| de|)? ?){{1,4}}(?<= )(?P<head>(?i:{_HEAD}))\b(?: (?:of|for) (?:the )?[A-Z]\w+(?: [A-Z]\w+)*)?"
)
_WORK = (
    r"\b(?:work(?:ed|ing|s)?|job|studied|studying|study|taught|teach(?:ing|es)?|volunteer(?:ed|ing)?|employed|hired"
    r"|danced|sang|performed|manager|director|nurse|cook|accountant|cleaner|guard|waiter|planner|journalist|editor)"
    r"(?: \w+){0,3}? (?:at|for|in|with|of|by) (?:the )?"
)
_LOW_HEADED = re.compile(rf"{_WORK}(?P<it>(?:(?!(?:{_PLAIN})\b)[\w'’-]+ ){{1,3}}(?P<head>{_HEAD}))\b", re.IGNORECASE)
_HEAD_FIRST = re.compile(
    r"\b(?P<head>Caf[eé]|Hotel|Hostel|Club|Bar|Restaurant|Radio|Bank|Camp|Clinic|Studio|Salon|Gym|Church|Mosque|Lyceum|Bakery|Kindergarten)"
    r" (?P<it>[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?)"
)
_FROM = re.compile(
    rf"\b(?:from|for|by|to|at|with|near|behind|outside|opposite) the (?P<it>(?:(?!(?:{_PLAIN})\b)[\w'’-]+ ){{1,2}}"
    r"(?P<head>centre|center|committee|foundation|association|network|charity|fund|company|bank|university|institute"
    r"|ministry|society|agency|clinic|theatre|academy|union|club|mosque|church|hotel|market|museum|factory|hospital))\b",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"\b(?:organi[sz]ation|company|shop|salon|caf[eé]|school|group|charity|restaurant|club|firm|bar|fund|foundation|band|hotel)"
    r" (?:is |was )?(?:called|named) (?P<it>(?:(?!(?:and|that|in|where|which|with|who|on|at|they|we|i|he|she|but|so|for|to)\b)"
    r"[\w'’&-]+ ?){1,3})(?<! )",
    re.IGNORECASE,
)


def organisations(text: str) -> list[Find]:
    """Return employers by the word that ends their name, or by their number."""
    found = []
    for pattern in (_CAPITALS, _NUMBERED, _LOW_HEADED, _FROM):
        for match in pattern.finditer(text):
            name = "it" if "it" in pattern.groupindex else 0
            start, end = match.span(name)
            skip = re.match(
                r"(?:(?:The|A|An|My|Our|His|Her|Their|At|In|From|For|I|We|He|She|They|And|But|So|When|After|Then|That) )+",
                text[start:end],
            )
            start += skip.end() if skip else 0
            said = text[start:end]
            if said.strip() and said.lower() != match["head"].lower():
                found.append(
                    Find(start, end, "organisation", key_of(said), said, type=ORGANISATION[match["head"].lower()])
                )
    for match in _HEAD_FIRST.finditer(text):
        kind = ORGANISATION.get(match["head"].lower(), "")
        found.append(Find(match.start(), match.end(), "organisation", key_of(match[0]), match[0], type=kind))
    found += [Find(*m.span("it"), "organisation", key_of(m["it"]), m["it"]) for m in _CALLED.finditer(text)]
    return found
