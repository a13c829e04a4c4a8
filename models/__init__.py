"""The tables and the few queries that everything reads through. Tables do not validate: the domain does, before."""
