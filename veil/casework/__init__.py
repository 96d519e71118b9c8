"""The casework wing: from the first call to a safe bed; requests, cases, moves, houses and those who keep them.

Nothing here lists, finds or links people. What is about a person lies in sealed compartments; the columns of the
tables hold random ids, states and clocks only.
"""
