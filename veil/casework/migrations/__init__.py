"""How the tables of a vault came to be, step by step: an older vault takes the steps that it lacks."""
