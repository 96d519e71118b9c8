"""Houses under codes, and who sleeps there until when; addresses are sealed to two people."""
