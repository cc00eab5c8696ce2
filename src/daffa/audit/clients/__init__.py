"""Adapters of the port to witnesses. Only ``app`` names them."""
