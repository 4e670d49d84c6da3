"""Stated values: numbers with their place and source."""
