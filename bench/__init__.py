"""Measures speed and size against references, on one machine in one run: `python -m bench`. Never a timed test.

A figure alone says little: it is the machine's as much as ours. So everything is set beside two references that run on
the very same server, in turn with it: the least that a durable command can cost at all (`floor`), and the least that
one which writes a row can cost (`one_row`). The ratios hold from one machine to the next; `docs/performance.md` says
what was found and how to read it.
"""
