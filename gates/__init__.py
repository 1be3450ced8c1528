"""The gates: thresholds from gates.toml, measured in BigQuery, decided as GO or NO-GO."""

from gates.program import end_quietly_on_ctrl_c

# Of the project, as pyproject.toml, which does not go everywhere, and the changelog have it.
VERSION = "0.2.0"

end_quietly_on_ctrl_c()
