"""The file formats: YAML with positions, and what each kind of file holds."""
