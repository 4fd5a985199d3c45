"""The stores of a dealer group."""
