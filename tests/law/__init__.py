"""The law data held to its scenarios."""
