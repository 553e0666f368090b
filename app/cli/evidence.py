"""`kt1 log evidence`: the evidence of a consignment, a period or an incident, for whoever asks for proof.

The operator's console may have everything; on the web the roles decide. The file is there whole or not at
all, and its entry is committed before it appears under its name.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from app.cli.console import fail, open_runtime, tell
from app.cli.toolbox import Toolbox
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound
from app.domain.ids import ConsignmentCode
from app.http.evidence import evidence_sources
from app.http.ports import RuntimePort
from app.http.texts import text
from app.services.evidence import evidence_export
from app.services.evidence.evidence_export import EvidenceRequest
from app.services.evidence.evidence_scope import ItemScope, Period, PeriodScope, Scope, parse_incident


@click.command()
@click.option("--code", "codes", multiple=True, help="The consignment; of an incident there may be several.")
@click.option("--from", "first", type=click.DateTime(("%Y-%m-%d",)), help="First day, in UTC.")
@click.option("--to", "last", type=click.DateTime(("%Y-%m-%d",)), help="Last day, in UTC.")
@click.option("--incident", "reference", help="The number of the incident; the log keeps it for ever.")
@click.option("--with-fields", is_flag=True, help="Disclose the sealed values of the consignments.")
@click.option("-o", "file", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def evidence(
    toolbox: Toolbox,
    /,
    *,
    codes: tuple[str, ...],
    first: datetime | None,
    last: datetime | None,
    reference: str | None,
    with_fields: bool,
    file: Path,
) -> None:
    """Write the evidence of one consignment, a period or an incident for `python -m audit verify-evidence`.

    Holds what is published, with a proof of each entry. The export is itself an entry.
    """
    try:
        scope = _scope(codes, _period(first, last), reference)
    except InvalidInput as error:
        raise click.UsageError(_said(error)) from None
    if with_fields and not codes:
        raise click.UsageError("sealed values are disclosed of named consignments: give --code")
    with open_runtime(toolbox) as runtime:
        try:
            _write(runtime, EvidenceRequest(scope=scope, with_fields=with_fields), file)
        except NotFound:
            fail("there is no such consignment")
        except InvalidInput as error:
            fail(_said(error))
        except Conflict as error:
            if error.code != ConflictCode.NOT_PUBLISHED:
                raise
            fail("nothing of this is published: is the code right, and did the log publish since?")
    tell(f"verify it anywhere: python -m audit verify-evidence {file} --trust trust.json")


def _write(runtime: RuntimePort, request: EvidenceRequest, file: Path) -> None:
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as stream:
            made = runtime.read(
                evidence_export.make_evidence, request, stream, sources=evidence_sources(runtime)
            )
        runtime.write(evidence_export.record_evidence, made, actor=None)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _scope(codes: tuple[str, ...], period: Period | None, reference: str | None) -> Scope:
    if reference is not None:
        return parse_incident(reference, codes, period=period)
    if len(codes) == 1 and period is None:
        return ItemScope(code=ConsignmentCode(codes[0]))
    if not codes and period is not None:
        return PeriodScope(period=period)
    raise click.UsageError("give one --code, or --from and --to, or --incident with its --code")


def _period(first: datetime | None, last: datetime | None) -> Period | None:
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise click.UsageError("a period has both --from and --to")
    until = last.replace(tzinfo=UTC) + timedelta(days=1)
    return Period(first_at=first.replace(tzinfo=UTC), until_at=until)


def _said(error: InvalidInput) -> str:
    problem = error.problems[0]
    return f"{problem.field}: {text(f'problem.{problem.code}', locale='en', **problem.params)}"
