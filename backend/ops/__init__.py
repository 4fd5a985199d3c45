"""What operators and machines ask: is it alive, is it ready, which version, how much."""
