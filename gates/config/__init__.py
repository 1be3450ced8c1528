"""What is asked for: settings, windows, thresholds, waivers."""
