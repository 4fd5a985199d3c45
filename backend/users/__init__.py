"""The people of a dealer group: users and those invited."""
