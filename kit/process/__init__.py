"""Processes: starting and ending them, their ports, health and logs."""
