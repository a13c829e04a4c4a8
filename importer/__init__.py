"""The import: a spreadsheet and a mapping become complaints and commands, submitted through the desk like any other.

`mapping` gives the columns their meaning, `rows` turns rows into plans without touching anything, `run` carries the
plans out (or rehearses them), `refused` keeps the rows that were turned away, `known` looks up what is in the book.
"""
