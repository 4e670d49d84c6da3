"""What somebody said, held against what follows."""
