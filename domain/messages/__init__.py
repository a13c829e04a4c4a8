"""Who is told, when and of what."""
