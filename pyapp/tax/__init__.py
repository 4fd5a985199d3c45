"""The border to the tax engine: facts in, tax lines out, the catalogue of the law between them."""
