"""The tables of sign-in: sessions, means, invitations, tries, clients, and the record of all. No token is in them."""
