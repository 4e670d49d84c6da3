"""What people ask of a scenario. Everything here takes and returns values; nothing reads or prints."""
