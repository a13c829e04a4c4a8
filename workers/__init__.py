"""The Temporal workers that one process runs, with what that process needs to begin and to say how it is."""
