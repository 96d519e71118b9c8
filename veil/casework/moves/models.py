"""Tables of moves: ids, states and clocks; words are sealed."""
