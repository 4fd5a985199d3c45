"""Dealer groups, made and ended by the platform; their content belongs to themselves alone."""
