"""The command line: a few words become a command, an answer becomes a page of text or one JSON value. No rule in it."""
