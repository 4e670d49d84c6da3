"""A module for each kind of result: a report for people, a document and rows for machines."""
