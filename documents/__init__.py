"""Paper that leaves the house, in French: letters, and the file for the Defender of Rights. No rule of a case."""
