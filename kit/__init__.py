"""The edges of a program: logs, health, ports, folders, child processes. Knows nothing of the trade."""
