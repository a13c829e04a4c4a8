"""Accounts: their history, what it comes to, and who may change what of them. Pure."""
