"""The commands that an operator runs besides the gates."""
