"""The counter of the desk: its services, over a Unix socket, for whoever brings a token."""
