"""Shapes of English: dates, ages, addresses, papers, plates and accounts, as written and as said."""

import re

from veil.disguise.words.numbers import english_number
from veil.disguise.words.patterns import Shaped, Shapes

_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_N = rf"(?:\d{{1,3}}|(?:{_TENS})(?:[ -](?:{_ONES}))?|{_TEENS}|{_ONES})"
_ORDINAL = (
    r"(?:\d{1,2}(?:st|nd|rd|th)?|(?:twenty|thirty)?[ -]?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)"
    r"|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth"
    r"|thirtieth)"
)
_MONTH = "(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_YEAR = (
    rf"(?:(?:19|20)\d\d|two thousand(?: and)?(?: (?:{_TEENS}|{_TENS}|{_ONES})(?:[ -](?:{_ONES}))?)?"
    rf"|(?:nineteen|twenty) (?:oh (?:{_ONES})|(?:{_TEENS}|{_TENS})(?:[ -](?:{_ONES}))?))"
)
_STREET = "(?:street|avenue|ave|road|lane|boulevard|square|prospekt|prospect|alley|embankment|highway)"
STREET = re.compile(rf" {_STREET}\b", re.IGNORECASE)
"""What follows the name that a street bears."""
_W = r"[A-Za-z][\w'’-]*"
_CAPITAL = r"(?!(?:The|A|On|In|At|My|Our|And|But|From|To|Near|He|She|They|We|I)\b)[A-Z][\w'’-]*"
_NOT = r"(?!the\b|a\b|an\b|my\b|your\b|his\b|her\b|our\b|their\b|not\b|that\b|this\b|there\b|it\b|in\b|on\b|is\b|was\b)"


def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_SHAPES: Shapes = (
    ("date", "day", _shape(r"\bon (?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}|(?:19|20)\d{2}-\d{2}-\d{2})\b")),
    ("date", "day", _shape(rf"\b(?:on )?(?:the )?{_ORDINAL}(?: day)?(?: of)? {_MONTH}\b(?:,? (?:in )?{_YEAR}\b)?")),
    ("date", "day", _shape(rf"\b(?:on )?{_MONTH} (?:the )?{_ORDINAL}(?!\d| (?:people|men|women|years))\b(?:,? {_YEAR}\b)?")),
    ("date", "month", _shape(rf"\b(?:in )?{_MONTH},? (?:of )?{_YEAR}\b")),
    ("date", "birth", _shape(rf"\bborn (?:\w+ ){{0,5}}?in (?P<it>{_YEAR})\b")),
    ("date", "year", _shape(rf"\b(?:in|since|of|from|until|till|by|during|before|after|around|year|summer|winter|spring|autumn|fall) (?P<it>{_YEAR})\b(?! (?:people|men|roubles|rubles|dollars|euros))")),
    ("age", "", _shape(rf"\b(?P<it>(?:about |around )?{_N}[ -]years?[ -]olds?)\b")),
    ("age", "", _shape(rf"\b(?:aged|age of|age is|age was|turned|turning|turns|my age,?) (?:only |just )?(?P<it>{_N})\b(?! (?:people|men|women|of|away|times|hours))")),
    ("age", "", _shape(rf"(?<!\bit)(?<!there)(?<!that)(?<!which)(?<!number)(?<!here)(?:'m|’m|'s|’s| am| is| was| were| will be| had been| has been)(?: only| just| already| barely| almost| nearly| now| still| not even| then)? (?P<it>(?:about |around )?(?!one\b){_N}(?:[ -]years?[ -]olds?\b)?)(?= *(?:[,.;!?]|$|when |and |at the|then|years|back|but |because |the year|that |now|in |last |this |so |or so|he |she |i |my |his |her |we |they |with |who |already |married |if |or |is |was |on |by |from |to ))(?! (?:in the|in a|in this|of|o'clock|and a))")),
    ("age", "", _shape(rf"\b(?:when|since|at) (?:I|he|she) (?:was|were|turned) (?:only |just )?(?P<it>(?:about |around )?{_N})\b(?! (?:people|hours|minutes|days|weeks|months|times))")),
    ("address", "", _shape(rf"\b(?:\d+[a-z]?|(?:number )?{_N}),? (?:{_NOT}{_W} ){{1,3}}?{_STREET}\b(?:,? (?:apartment|flat|house|building|entrance|floor|number) (?:\d+\w?|{_N}))*")),
    ("address", "", _shape(rf"\b{_NOT}{_W} {_STREET},? (?:house |building |number )?(?:\d+\w?|{_N})\b(?:,? (?:apartment|flat|house|building|entrance|floor|number) (?:\d+\w?|{_N}))*")),
    ("address", "", re.compile(rf"\b(?P<it>(?:{_CAPITAL} ){{1,3}}(?:{_STREET.title()}|[Ss]treet|[Aa]venue|[Rr]oad|[Ll]ane|[Ss]quare|[Pp]rospekt)\b(?:,? (?:house |building |number )?\d+\w?\b)?(?:,? (?:apartment|flat|house|building|entrance|floor|number) (?:\d+\w?|{_N}))*)")),
    ("address", "", _shape(rf"\b(?:apartment|flat|house number|block|building|entrance) (?:number )?(?:\d+\w?|{_N})\b(?:,? (?:apartment|flat|floor|entrance) (?:\d+\w?|{_N}))*")),
    ("account", "e-mail", _shape(rf"\b{_W}(?: (?:dot|underscore|dash) {_W})* at {_W}(?: dot {_W})+")),
    ("account", "address", _shape(rf"\b(?:[a-z]\w* dot )(?:com|me|ru|org|net)\b(?: slash {_W})*")),
    ("account", "user name", _shape(rf"\b(?:user ?name|nick ?name on \w+|handle|login|nick|screen name|account|profile|page|channel)(?: on \w+)?(?: (?:was|is|there is|there was))(?: called| named)? (?P<it>{_NOT}[\w.]+(?:(?: (?:underscore|dot|dash))? (?!and\b|but\b|so\b|then\b|on\b|in\b|please\b)\w+){{0,3}}?(?: {_N}\b)*)(?=$|[.,;!?]| (?:and|but|so|then|on|in|please|because|he|she|i|we)\b)")),
    ("account", "user name", _shape(rf"\b(?:instagram|telegram|facebook|twitter|vk|vkontakte|grindr|tiktok|skype)(?:,? (?:as|under|at|called|named|account|profile|name|my name there))+(?: (?:is|was))? (?P<it>{_NOT}[\w.]+(?: (?:underscore|dot|dash) \w+)*(?: {_N}\b)*)")),
    ("paper", "", _shape(r"\b(?:passport|case|file|id|licence|license|certificate|policy|insurance|visa|badge|service|prisoner|inmate|asylum)\b(?: \w+){0,3}?(?:[:#]| number| no\.?| is| was)+ (?P<it>[A-Z]{0,3}[- ]?\d[\w/-]*(?:[ -]\d+)*)")),
    ("plate", "", _shape(r"\b(?:plates?|registration)(?: number)?(?: (?:is|was|were|said|read|of|the))*:? (?P<it>(?=[\w -]*\d)[A-Z0-9]{1,4}(?:[ -][A-Z0-9]{1,4}){0,3})\b")),
)  # fmt: skip

ENGLISH = Shaped(
    read=english_number,
    joins=frozenset({"double", "triple", "and"}),
    phone=frozenset({"phone", "number", "call", "called", "telephone", "mobile", "cell", "whatsapp", "plus", "dial"}),
    paper=frozenset(
        "passport case file series id licence license certificate policy insurance visa badge protocol verdict"
        " snils inn document docket inmate prisoner asylum service dossier".split()
    ),
    plate=frozenset({"plate", "plates", "registration"}),
    money=frozenset(
        "roubles rubles dollars euros percent people men women kilometres kilometers hours days weeks months years"
        " metres meters times soldiers".split()
    ),
    shapes=_SHAPES,
)
"""What English says in shapes."""
