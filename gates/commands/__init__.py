"""What `python -m gates COMMAND` runs, a module for each command."""
