"""The import: a spreadsheet and a mapping become complaints and commands, submitted through the desk like any other.

`mapping` says what the columns mean, `rows` turns rows into plans without touching anything, `run` carries the plans
out (or rehearses them), `refused` keeps the rows that were turned away, `known` asks what is in the book already.
"""
