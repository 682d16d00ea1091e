"""The refusals of ledger files and mappings, each with a code and parameters and no wording."""

from __future__ import annotations

from typing import ClassVar

from states.errors import DomainError


class LedgerFileRefused(DomainError):
    """The file cannot be read as a ledger, or is too large or hostile to try; `params["why"]` is one of
    `WHYS`.
    """

    code = "ledger_file_refused"

    WHYS: ClassVar[tuple[str, ...]] = (
        "empty",
        "file_too_large",
        "save_as_xlsx",  # .et, .wps, .xlsb, web pages named .xls: 请另存为 .xlsx 后再导入
        "wrong_type",
        "encrypted",
        "damaged",
        "zip_bomb",
        "zip_dishonest",
        "xml_with_entities",
        "xml_encoding",
        "too_many_sheets",
        "too_many_rows",
        "too_many_columns",
        "too_many_cells",
        "cell_too_long",
        "text_encoding",
        "no_table",
        "no_column",  # of a process log
        "log_not_csv",
        "reader_limits",  # the child process ran out of its memory or time
    )

    def __init__(self, why: str, **params: object) -> None:
        super().__init__(why=why, **params)
        self.why = why

    def __reduce__(self) -> tuple[object, ...]:
        rest = {key: value for key, value in self.params.items() if key != "why"}
        return _refused_again, (self.why, rest)


class LedgerMappingFaulty(DomainError):
    """A mapping of headings to fields cannot be read or names an unknown field; `params["faults"]` lists
    each.
    """

    code = "ledger_mapping_faulty"


def _refused_again(why: str, params: dict[str, object]) -> LedgerFileRefused:
    return LedgerFileRefused(why, **params)
