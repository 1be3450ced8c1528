"""The pytest plugin: wiring only."""
