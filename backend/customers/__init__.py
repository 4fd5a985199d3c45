"""Customers: people and businesses, how to reach them, what they own and what they agreed to."""
