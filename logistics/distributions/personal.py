"""What distributions hold about a person: only who planned one."""

from ..holding import Holding

HOLDING = Holding(signs=frozenset({"distribution.created_by"}))
