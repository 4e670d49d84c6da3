"""What would be if inputs were elsewhere: grids, goals, ranges and draws."""
