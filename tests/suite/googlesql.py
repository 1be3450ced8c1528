"""Google's own analyzer over the tables of schemas/: what BigQuery would refuse, it refuses."""

import json
from typing import Any

from harness import PROJECT, ROOT
from zetasql.api import Analyzer, CatalogBuilder, TableBuilder, TypeFactory
from zetasql.types import (
    AnalyzerOptions,
    LanguageOptions,
    ProductMode,
    SimpleCatalog,
    Type,
    TypeKind,
    ZetaSQLBuiltinFunctionOptions,
)

SCALARS = {
    "STRING": TypeKind.TYPE_STRING,
    "INT64": TypeKind.TYPE_INT64,
    "FLOAT64": TypeKind.TYPE_DOUBLE,
    "BOOL": TypeKind.TYPE_BOOL,
    "DATE": TypeKind.TYPE_DATE,
    "TIMESTAMP": TypeKind.TYPE_TIMESTAMP,
    "NUMERIC": TypeKind.TYPE_NUMERIC,
    "JSON": TypeKind.TYPE_JSON,
}


def column_type(column: dict[str, Any]) -> Type:
    """The type of a column of schemas/*.json."""
    if column["type"] == "RECORD":
        scalar = TypeFactory.create_struct_type(
            [(field["name"], column_type(field)) for field in column["fields"]]
        )
    else:
        scalar = TypeFactory.create_simple_type(SCALARS[column["type"]])
    return TypeFactory.create_array_type(scalar) if column["mode"] == "REPEATED" else scalar


def language() -> LanguageOptions:
    """GoogleSQL as BigQuery has it: none of the types that only other products have (INT32)."""
    options = LanguageOptions.maximum_features()
    options.product_mode = ProductMode.PRODUCT_EXTERNAL
    return options


def analyzer(parameters: dict[str, Type]) -> Analyzer:
    """An analyzer that knows the tables, by their full names, and these query parameters."""
    options = AnalyzerOptions(
        language_options=language(),
        query_parameters=[
            AnalyzerOptions.QueryParameter(name=name, type=kind)
            for name, kind in parameters.items()
        ],
    )
    builtin = ZetaSQLBuiltinFunctionOptions(language_options=language())
    root = CatalogBuilder("root").with_builtin_functions(builtin).build()
    root.catalog = [SimpleCatalog(name=PROJECT, catalog=datasets())]
    return Analyzer(options, root)


def datasets() -> list[SimpleCatalog]:
    """The tables of schemas/, by dataset."""
    found: dict[str, CatalogBuilder] = {}
    for file in sorted((ROOT / "schemas").glob("*.json")):
        schema = json.loads(file.read_text(encoding="utf-8"))
        dataset, name = schema["table"].split(".")
        table = TableBuilder(name)
        for column in schema["schema"]:
            table.add_column(column["name"], column_type(column))
        found.setdefault(dataset, CatalogBuilder(dataset)).add_table(table.build())
    return [builder.build() for builder in found.values()]


def parameter_types() -> dict[str, Type]:
    """The query parameters that the gates' SQL may use."""
    text = TypeFactory.create_simple_type(TypeKind.TYPE_STRING)
    day = TypeFactory.create_simple_type(TypeKind.TYPE_DATE)
    number = TypeFactory.create_simple_type(TypeKind.TYPE_INT64)
    return {
        "window_start": day,
        "window_end": day,
        "blocking_issues": TypeFactory.create_array_type(text),
        "bootstrap_dates": TypeFactory.create_array_type(day),
        "final_status": number,
        "season_start": day,
        "schedule_end": day,
        "season_starts": TypeFactory.create_array_type(day),
        "regular_game_ids": TypeFactory.create_array_type(text),
        "regular_games": number,
        "regular_days": number,
        "games_behind": number,
        "usual_break": number,
        "longest_break": number,
        "all_star_from": TypeFactory.create_array_type(number),
        "finals_from": TypeFactory.create_array_type(number),
        "over_from_day": number,
        "summer_days": number,
        "keys_shown": number,
        "runbook_bootstrap": TypeFactory.create_array_type(day),
        "rows_per_game": TypeFactory.create_array_type(number),
        "team_games": number,
        "player_games": number,
        "league_game_ids": TypeFactory.create_array_type(text),
        "other_game_ids": TypeFactory.create_array_type(text),
        "rows_of_player_game_summary": TypeFactory.create_array_type(number),
        "rows_of_team_defense_game_summary": TypeFactory.create_array_type(number),
        "rows_of_team_offense_game_summary": TypeFactory.create_array_type(number),
        "rows_of_upcoming_player_game_context": TypeFactory.create_array_type(number),
        "rows_of_upcoming_team_game_context": TypeFactory.create_array_type(number),
        "typical_fatigue": number,
        "rows_of_a_month": number,
        "dead_after_dates": number,
        "declared_constant": TypeFactory.create_array_type(text),
        "zone_success": TypeFactory.create_array_type(text),
        "team_ratings": TypeFactory.create_array_type(number),
        "enough_games": number,
        "least_players": number,
        "most_minutes": number,
        "usage_minutes": number,
        "most_usage": number,
        "team_attempts": TypeFactory.create_array_type(number),
        "team_points": TypeFactory.create_array_type(number),
        "team_pace": TypeFactory.create_array_type(number),
        "player_points": TypeFactory.create_array_type(number),
        "player_minutes": TypeFactory.create_array_type(number),
        "player_usage": TypeFactory.create_array_type(number),
        "row_limit": number,
        "bound": text,
    }
