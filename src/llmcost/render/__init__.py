"""Results as text, one module per output form; only this layer knows screens and output formats."""
