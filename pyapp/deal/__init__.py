"""The deal document and the worksheet that is computed from it."""
