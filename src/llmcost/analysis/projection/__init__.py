"""What becomes of a scenario month by month."""
