"""What is known to fail, and must be repaired: ``{function: "its arguments"}``. It should be empty.

``drawn`` and ``lists`` stand for those tests. What is repaired but still listed fails the test, so
this list cannot grow stale. An argument that is listed is left out of the drawn values.
"""

KNOWN: dict[str, str] = {}
