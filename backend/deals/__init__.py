"""Deals: kept, recomputed by our own engine, moved from status to status, and listed for the desk."""
