"""Messages: to whom, when and of what."""
