"""What is there: queries, logs and processes, measured."""
