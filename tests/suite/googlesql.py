"""Google's own analyzer over the tables of schemas/: what BigQuery would refuse, it refuses."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
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


# The parameters that are not among the settings' own, each with a value of its type.
DAY = date(2025, 1, 10)
OTHERS: Mapping[str, Any] = {
    **dict.fromkeys(("window_start", "window_end", "season_start", "schedule_end"), DAY),
    **dict.fromkeys(("season_starts", "bootstrap_dates"), (DAY,)),
    **dict.fromkeys(("keys_shown", "series_days", "team_games", "player_games", "row_limit"), 1),
    "bound": "90",
}


def parameter_types(parameters: Mapping[str, Any]) -> dict[str, Type]:
    """The types of the query parameters that the gates' SQL may use: of gates.toml, and OTHERS."""
    return {name: parameter_type(value) for name, value in {**parameters, **OTHERS}.items()}


def parameter_type(value: Any) -> Type:
    """The type that BigQuery's client gives a value."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return TypeFactory.create_array_type(parameter_type(value[0]))
    if isinstance(value, date):
        return TypeFactory.create_simple_type(TypeKind.TYPE_DATE)
    kind = TypeKind.TYPE_INT64 if isinstance(value, int) else TypeKind.TYPE_STRING
    return TypeFactory.create_simple_type(kind)
