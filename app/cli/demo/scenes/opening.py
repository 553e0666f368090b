"""Before the doors open: logins and keys, seals issued by range, vehicles listed, shifts opened."""

from app.cli.demo import cast, papers
from app.cli.demo.day import Day
from audit.kinds import EntryKind

SIGNERS = (
    "vanthu.ubnd",
    "vanthu.khcn",
    "vanthu.tc",
    "minhchau.tc",
    "giaothu",
    "giaodich",
    "khaithac",
    "giaothu.bdt",
    "giaodich.ts",
    "giaothu.ts",
)
OTHERS = ("quantri", "kiemtra")
SEALS = (
    (cast.POST_OFFICE, "BG-0001", "BG-0050"),
    (cast.HUB, "BD-0001", "BD-0050"),
    (cast.OTHER_POST_OFFICE, "TS-0001", "TS-0050"),
)
VANS = {"giaodich": "99A-123.45", "khaithac": "99C-678.90"}


def play(day: Day) -> None:
    """Open the day."""
    day.scene("mở cửa: đăng nhập, khóa ký, niêm phong, xe, ca", at="06:45")
    for name in (*OTHERS, *SIGNERS):
        day.people[name].log_in()
    for name in SIGNERS:
        person = day.people[name]
        key = person.enrol()
        day.paper(person, f"đăng nhập, đăng ký khóa ký {key}", EntryKind.DEVICE_ENROLLED)
    administrator = day.people["quantri"]
    for office, first, last in SEALS:
        papers.issue_seals(administrator, office=office, first=first, last=last)
        day.paper(
            administrator,
            f"cấp niêm phong {first} đến {last} cho {office}",
            EntryKind.SEALS_ISSUED,
            control="3 niêm phong: cấp theo dải số",
            unit=office,
            first=first.casefold(),
            last=last.casefold(),
        )
    for name, plate in VANS.items():
        papers.add_vehicle(day.people[name], plate)
        day.paper(
            day.people[name], f"ghi xe chuyên dụng {plate} vào sổ", EntryKind.VEHICLE_ADDED, vehicle=plate
        )
    for name in ("giaodich", "giaodich.ts"):
        shift = day.shifts[name] = papers.open_shift(day.people[name])
        day.paper(day.people[name], f"mở ca {shift}", EntryKind.SHIFT_OPENED, shift=shift, opening=0)
