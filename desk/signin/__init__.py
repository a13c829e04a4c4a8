"""Sign-in: credentials, sessions and "asked again" are written and verified here, and nowhere else.

Whoever has signed in names the session beside who asks: the id that resolving its token gave. Each service looks at
that session again, in its own transaction. Whoever has not is a `Visitor`.
"""
