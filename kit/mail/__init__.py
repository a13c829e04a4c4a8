"""Sending mail, and reading a mail that somebody saved."""
