"""How a tax line shows its law: formula, numbers, section, dates in force, how sure."""
