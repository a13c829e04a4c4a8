"""The time of a case: its clocks, how they climb, and the policy that sets their delays."""
