"""What a scenario is and how it is read: numbers, sources, dates, variants, files and where to find them."""
