"""What the desk page types and shows: draft texts in, one view out."""
