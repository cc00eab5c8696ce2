"""Adapters to what upstreams speak, one file a protocol. Only ``app`` names them."""
