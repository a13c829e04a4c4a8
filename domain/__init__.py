"""What a complaint's case is and what may happen to it: pure rules, no clock, no input or output."""
