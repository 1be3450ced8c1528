"""Google's reference implementation of GoogleSQL, executing a statement as it is sent.

Four things about zetasql 0.1.5 shape it: parameters are zetasql.types.Parameter; a prepared query
takes no other contents, so they are registered with a catalogue; contents reach tables of the root
catalogue only, so a table is named `dataset.table` there; FOR SYSTEM_TIME analyses and does not
execute, so that clause is cut and nothing else.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from google.protobuf import empty_pb2
from google.protobuf.timestamp_pb2 import Timestamp
from googlesql import column_type, language
from oracle.worlds import COLUMNS
from zetasql import types
from zetasql.api import CatalogBuilder, TableBuilder, TypeFactory
from zetasql.core.local_service import ZetaSqlLocalService
from zetasql.types import AnalyzerOptions, Type, TypeKind, ZetaSQLBuiltinFunctionOptions
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
EPOCH = date(1970, 1, 1)
NUMERIC_SCALE, BIGNUMERIC_SCALE = 9, 38
_TABLE = re.compile(
    r"`[^`]+`\.`([^`]+)`\.`([^`]+)`(\s+FOR SYSTEM_TIME AS OF CAST\('[^']+' AS TIMESTAMP\))?"
)
_KINDS = {
    bool: TypeKind.TYPE_BOOL,
    int: TypeKind.TYPE_INT64,
    str: TypeKind.TYPE_STRING,
    date: TypeKind.TYPE_DATE,
}


class NullElementError(AssertionError):
    """An array of the result holds a NULL, for which BigQuery refuses the whole query."""


class Reference:
    """One evaluator for all statements: loading it takes most of a minute of a busy processor."""

    def __init__(self) -> None:
        self._service = ZetaSqlLocalService.get_instance()
        self._registered: int | None = None

    @contextmanager
    def holding(self, contents: Rows) -> Iterator[None]:
        """Keep `contents` (table -> rows by column) for all that is asked within the block.

        Sent with each statement they and the catalogue would take a third of its time.
        """
        request = local_service_pb2.RegisterCatalogRequest(
            simple_catalog=self._catalogue.to_proto(),
            table_content={
                table: self._content(table, rows).to_proto() for table, rows in contents.items()
            },
        )
        answer = self._call("RegisterCatalog", request, local_service_pb2.RegisterResponse)
        self._registered = answer.registered_id
        try:
            yield
        finally:
            self._registered = None
            gone = local_service_pb2.UnregisterRequest(registered_id=answer.registered_id)
            self._call("UnregisterCatalog", gone, empty_pb2.Empty)

    def _call(self, name: str, request: Any, answer: Any) -> Any:
        # Not the library's own methods: evaluate_query has lost the content of every TIMESTAMP.
        client = self._service.wasm_client
        return client.call_grpc_func(f"ZetaSqlLocalService_{name}", request, answer)

    @cached_property
    def _catalogue(self) -> types.SimpleCatalog:
        functions = ZetaSQLBuiltinFunctionOptions(language_options=language())
        root = CatalogBuilder("root").with_builtin_functions(functions)
        for name, columns in COLUMNS.items():
            table = TableBuilder(name)
            for column in columns:
                table.add_column(column["name"], column_type(column))
            root.add_table(table.build())
        return root.build()

    def rows(self, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What `sql` gives over the contents that are held, as Python's own types.

        Raises NullElementError, and zetasql's errors for what Google refuses.
        """
        request = types.EvaluateQueryRequest(
            sql=_TABLE.sub(r"`\1.\2`", sql),
            options=_options(parameters),
            params=[
                types.Parameter(name=name, value=_value(value))
                for name, value in parameters.items()
            ],
        )
        sent = request.to_proto()
        sent.registered_catalog_id = self._registered
        answer = self._call("EvaluateQuery", sent, local_service_pb2.EvaluateQueryResponse)
        columns = [(each.name, Type.from_proto(each.type)) for each in answer.prepared.columns]
        return [
            {
                name: _plain(cell, kind, name)
                for (name, kind), cell in zip(columns, row.cell, strict=True)
            }
            for row in answer.content.table_data.row
        ]

    def _content(self, table: str, rows: Sequence[Mapping[str, Any]]) -> types.TableContent:
        columns = COLUMNS[table]
        cells = [
            types.TableData.Row(
                cell=[_cell(row.get(c["name"]), c["type"], c["mode"]) for c in columns]
            )
            for row in rows
        ]
        return types.TableContent(table_data=types.TableData(row=cells))


def _options(parameters: Mapping[str, Any]) -> AnalyzerOptions:
    return AnalyzerOptions(
        language_options=language(),
        query_parameters=[
            AnalyzerOptions.QueryParameter(name=name, type=_type_of(value))
            for name, value in parameters.items()
        ],
    )


def _type_of(value: Any) -> Type:
    if isinstance(value, list | tuple):
        return TypeFactory.create_array_type(_type_of(value[0]))
    return TypeFactory.create_simple_type(_KINDS[type(value)])


def _value(value: Any) -> types.Value:
    if isinstance(value, list | tuple):
        return types.Value(array_value=types.Value.Array(element=[_value(each) for each in value]))
    if isinstance(value, date):
        return types.Value(date_value=(value - EPOCH).days)
    return (
        types.Value(int64_value=value)
        if isinstance(value, int)
        else types.Value(string_value=value)
    )


def _cell(value: Any, kind: str, mode: str) -> types.Value:
    """A cell of a table, by the type that schemas/ gives its column."""
    if mode == "REPEATED":
        elements = [_cell(each, kind, "REQUIRED") for each in value or ()]
        return types.Value(array_value=types.Value.Array(element=elements))
    if value is None:
        return types.Value()
    if kind == "NUMERIC":
        return types.Value(numeric_value=_scaled(Decimal(value), NUMERIC_SCALE))
    if kind == "DATE":
        return types.Value(date_value=(value - EPOCH).days)
    if kind == "TIMESTAMP":
        return types.Value(timestamp_value=_moment(value))
    field = {"INT64": "int64", "FLOAT64": "double", "BOOL": "bool", "STRING": "string"}[kind]
    return types.Value(**{f"{field}_value": value})


def _moment(value: datetime) -> Timestamp:
    moment = Timestamp()
    moment.FromDatetime(value.astimezone(UTC).replace(tzinfo=None))
    return moment


def _scaled(value: Decimal, scale: int) -> bytes:
    """NUMERIC on the wire: a scaled integer, two's complement, little-endian, kept short."""
    number = int(value.scaleb(scale))
    return number.to_bytes((number + (number < 0)).bit_length() // 8 + 1, "little", signed=True)


def _unscaled(content: bytes, scale: int) -> Decimal:
    return Decimal(int.from_bytes(content, "little", signed=True)).scaleb(-scale)


def _plain(value: Any, kind: Type, where: str) -> Any:
    """A cell of the result (a protobuf message) as Python has it; a NULL has no field set."""
    field = value.WhichOneof("value")
    if field is None:
        return None
    if kind.type_kind is TypeKind.TYPE_ARRAY:
        element = kind.array_type.element_type
        found = [_plain(each, element, where) for each in value.array_value.element]
        if None in found:
            raise NullElementError(f"{where} holds a NULL in an array: {found}")
        return found
    if kind.type_kind is TypeKind.TYPE_STRUCT:
        return {
            each.field_name: _plain(cell, each.field_type, f"{where}.{each.field_name}")
            for each, cell in zip(kind.struct_type.field, value.struct_value.field, strict=True)
        }
    return _SCALARS[field](getattr(value, field))


_SCALARS: Mapping[str, Callable[[Any], Any]] = {
    "int64_value": int,
    "double_value": float,
    "bool_value": bool,
    "string_value": str,
    "date_value": lambda days: EPOCH + timedelta(days=days),
    "timestamp_value": lambda moment: moment.ToDatetime(tzinfo=UTC),
    "numeric_value": lambda content: _unscaled(content, NUMERIC_SCALE),
    "bignumeric_value": lambda content: _unscaled(content, BIGNUMERIC_SCALE),
}
