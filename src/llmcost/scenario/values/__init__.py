"""What can be stated: numbers, where they stand and who says so."""
