"""Tables of cases: ids, states and clocks; words are sealed."""
