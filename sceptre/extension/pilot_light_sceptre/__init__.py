"""Pilot Light's resolvers and hooks for Sceptre."""
