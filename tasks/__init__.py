"""What contributors run: `python -m tasks` lists it."""
