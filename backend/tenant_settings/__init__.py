"""What a dealer group sets for all its deals."""
