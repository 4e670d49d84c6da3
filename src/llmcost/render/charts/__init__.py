"""Charts as Vega-Lite specifications: plain data, made from results without any dependency.

Each module draws the result of the verb that it is named after. What all charts share is in `look`.
"""
