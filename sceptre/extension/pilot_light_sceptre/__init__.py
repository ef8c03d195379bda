"""Pilot Light's resolvers and hook for Sceptre."""
