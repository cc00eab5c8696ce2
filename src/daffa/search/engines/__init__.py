"""Engines behind the port ``Index``: each keeps passages, none knows the rooms above. Named by ``app`` alone."""
