"""What a command says when it cannot do what it was asked."""


class CommandError(Exception):
    """One sentence for the person at the machine."""
