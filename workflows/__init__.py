"""A case's time: the workflow that holds a complaint to the end of retention, and the desk to speak to it."""
