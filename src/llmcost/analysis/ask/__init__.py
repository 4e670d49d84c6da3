"""What a scenario comes to: loaded, evaluated, explained, compared."""
