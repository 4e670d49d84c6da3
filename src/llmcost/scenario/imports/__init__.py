"""Turns files of other tools into scenarios: a module for each format, and what they share."""
