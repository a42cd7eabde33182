"""Every public function and class, given what it should not be given.

- ``entry``: what the table says of one function: a known good call, and what a result must be.
- ``table_*``: the tables, one a package.
- ``cases``: wrong values, made from a good one: of another kind, shape, range or name.
- ``judge``: makes one call, and says what is wrong with its outcome.
- ``known``: what is known to fail, and must be repaired. It should be empty.
"""
