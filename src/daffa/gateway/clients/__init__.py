"""Adapters of the upstream port. Only ``app`` names them."""
