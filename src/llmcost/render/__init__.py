"""Results as text, one module per output form; the only place that knows screens and file formats."""
