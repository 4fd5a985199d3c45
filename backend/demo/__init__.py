"""A dealer group to try everything with: people of every role, customers, and deals that our own engine computed."""
