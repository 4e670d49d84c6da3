"""The machinery: quantities and formulas, plans, traces and arithmetic. It knows no economics."""
