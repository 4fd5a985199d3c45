"""Customers and deals as versioned documents: one table, one history, one service that writes."""
