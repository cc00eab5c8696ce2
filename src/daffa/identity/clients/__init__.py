"""Adapters to the issuer of single sign-on. Named by ``app`` alone."""
