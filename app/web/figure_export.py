"""The figures of offices as data and as a workbook: the same numbers as on the page, in the same order."""

from app.domain.figures import FigureKind
from app.http.i18n import words
from app.services.control_figures import Figures, OfficeFigures
from app.web.translate import _
from reports.model import ListExport, WorkbookColumn
from reports.workbook import render_list

ORDER = (
    FigureKind.KEY_INS,
    FigureKind.TYPED,
    FigureKind.OFFLINE,
    FigureKind.UNBALANCED,
    FigureKind.LATE_BAGS,
    FigureKind.LATE_MANIFESTS,
    FigureKind.LATE_TRACERS,
    FigureKind.PAIRS,
    FigureKind.LATE_REPORTS,
    FigureKind.ACCESS_KEYS,
)


def number_of(row: OfficeFigures, kind: FigureKind) -> int:
    """Return one number of an office."""
    match kind:
        case FigureKind.TYPED:
            return row.scans.typed_lines
        case FigureKind.OFFLINE:
            return row.scans.late_scans
        case FigureKind.PAIRS:
            return len(row.pairs)
        case FigureKind.LATE_REPORTS:
            return row.incidents.reported_late
        case _:
            return row.counts.get(kind, 0)


def figures_json(found: Figures) -> dict[str, object]:
    """Return the figures as data: stable words, whole numbers, hours with one decimal."""
    return {
        "from": found.first.isoformat(),
        "until": found.last.isoformat(),
        "offices": [
            {
                "unit": row.unit.code,
                **{kind.value: number_of(row, kind) for kind in ORDER},
                "offline_hours": round(row.scans.delay_s / 3600, 1),
                "repeated_pairs": [
                    {"users": [pair.one, pair.two], "acts": pair.acts, "share": round(share, 3)}
                    for pair, share in row.pairs
                ],
            }
            for row in found.rows
        ],
    }


def figures_workbook(found: Figures, *, by: str) -> bytes:
    """Return the table as a workbook, with the period and who took it away on top."""
    columns = [
        WorkbookColumn(key="unit", header=_("Đơn vị"), width=40),
        *(WorkbookColumn(key=kind.value, header=words(f"figure.{kind}")) for kind in ORDER),
        WorkbookColumn(key="offline_hours", header=_("Giờ gửi muộn")),
    ]
    rows = tuple(
        (
            row.unit.name,
            *(str(number_of(row, kind)) for kind in ORDER),
            f"{row.scans.delay_s / 3600:.1f}",
        )
        for row in found.rows
    )
    period = f"{found.first:%d/%m/%Y} – {found.last:%d/%m/%Y}"
    heading = (_("Số liệu kiểm tra theo đơn vị"), period, by)
    return render_list(ListExport(sheet="KT1", columns=tuple(columns), rows=rows, heading=heading))
