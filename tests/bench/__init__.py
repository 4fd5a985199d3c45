"""Benchmarks: figures and their budgets, printed; they never fail a test run."""
