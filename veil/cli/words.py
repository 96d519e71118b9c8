"""`veil words`: what names somebody in what is said, and what becomes of it."""

from collections import Counter
from pathlib import Path

import click

from veil.cli.say import answer, as_json
from veil.stages.case import CaseFolder, load_case
from veil.stages.hear import load_heard
from veil.stages.plan import make_plan
from veil.stages.words import Review, review
