"""Charts as Vega-Lite specifications: plain data, made from results without any dependency.

Each module draws the result of the verb of its name. Shared code is in `look`.
"""
