"""Phase 4 of one date, computed from the Phase 3 rows that it needs.

The same rows give the same result, whatever their order; only created_at and processed_at are the
clock's. The five processors and what they write are those of the platform's Phase 4 service.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

import pyarrow as pa

from season.columns import Column, Schemas
from season.precompute.cache import player_daily_cache
from season.precompute.factors import player_composite_factors
from season.precompute.features import ml_feature_store, placeholders
from season.precompute.inputs import NEEDS, Phase3
from season.precompute.zones import player_shot_zone_analysis, team_defense_zone_analysis

__all__ = ["FEATURES", "NEEDS", "PROCESSORS", "Phase3", "compute"]

FEATURES = "nba_predictions.ml_feature_store_v2"
_Processor = Callable[[Phase3, datetime], tuple[dict[str, Column], int]]
# Processor -> the table that it writes and how, in the order in which they run.
PROCESSORS: dict[str, tuple[str, _Processor]] = {
    "TeamDefenseZoneAnalysisProcessor": (
        "nba_precompute.team_defense_zone_analysis",
        team_defense_zone_analysis,
    ),
    "PlayerShotZoneAnalysisProcessor": (
        "nba_precompute.player_shot_zone_analysis",
        player_shot_zone_analysis,
    ),
    "PlayerDailyCacheProcessor": ("nba_precompute.player_daily_cache", player_daily_cache),
    "PlayerCompositeFactorsProcessor": (
        "nba_precompute.player_composite_factors",
        player_composite_factors,
    ),
    "MLFeatureStoreProcessor": (FEATURES, ml_feature_store),
}


def compute(
    phase3: Phase3,
    schemas: Schemas,
    clock: Callable[[], datetime],
    *,
    bootstrap: bool,
    processors: Sequence[str] = tuple(PROCESSORS),
) -> dict[str, pa.Table]:
    """The rows of each table that `processors` write for the date of `phase3`.

    On a bootstrap date that is placeholders in the feature store and nothing else. `clock` is read
    once for each processor.
    """
    made = {}
    for name in PROCESSORS:
        table, processor = PROCESSORS[name]
        if name in processors and (table == FEATURES or not bootstrap):
            columns, rows = (placeholders if bootstrap else processor)(phase3, clock())
            made[table] = schemas.conform(table, columns, rows)
    return made
