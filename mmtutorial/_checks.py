"""Refuse an argument that cannot be meant, and say of which argument and what is expected."""

from numbers import Integral


def check_whole(name, given, *, least=None):
    """Refuse what is no whole number, or is too small."""
    if isinstance(given, bool) or not isinstance(given, Integral):
        raise TypeError(f"{name} must be a whole number, got {given!r}")
    if least is not None and given < least:
        raise ValueError(f"{name} must be at least {least}, got {given}")
