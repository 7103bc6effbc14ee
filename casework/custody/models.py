"""Containers, items and transfers: who holds what, since when, and on whose word."""
