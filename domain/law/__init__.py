"""The law of discrimination as it bears on time and proof: time limits, what stops them, the three legs of a proof."""
