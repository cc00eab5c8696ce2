"""The history of the tables, one file a change, in order. Written as it was then: imports no room's tables."""
