"""Values that workflows and activities pass to each other."""
