"""Holding the records against each other: verify, replay, export, rebuild. It reads everything and decides nothing."""
