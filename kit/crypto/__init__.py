"""Keys, sealing, signatures, and who witnesses them."""
