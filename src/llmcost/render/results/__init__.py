"""What each result has to say, one module for each: a report for people, a document and rows for machines."""
