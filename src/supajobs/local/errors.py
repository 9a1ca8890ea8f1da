class LocalStackError(Exception):
    """The local stack cannot do what was asked; the message is for the person at the terminal."""
