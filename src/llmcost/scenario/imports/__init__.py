"""Files of other tools as scenarios: a module for each format, and what they share."""
