"""The case of a complaint and the rules for what may happen to it: pure, without a clock, input or output."""
