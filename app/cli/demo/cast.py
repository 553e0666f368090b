"""Who plays in the demo: three agencies, two post offices, one hub, and one person of every role.

Names are made up. Passwords are made by the server at random, printed once, and kept nowhere.
"""

from dataclasses import dataclass

OFFICE = "24-VPUBND"
SCIENCE = "24-SKHCN"
FINANCE = "24-STC"
MINISTRY = "01-BKHCN"
HUB = "24-BDT"
POST_OFFICE = "24-BC-BACGIANG"
OTHER_POST_OFFICE = "24-BC-TUSON"
NAMED_RECEIVER = "Nguyễn Thị Minh Châu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One account of the demo."""

    username: str
    full_name: str
    role: str
    unit: str
    position: str
    locale: str = "vi"

    def form(self) -> dict[str, str]:
        """Return the fields of the account's form."""
        return {
            "username": self.username,
            "full_name": self.full_name,
            "role": self.role,
            "unit": self.unit,
            "position": self.position,
            "locale": self.locale,
        }


CAST = (
    Part(
        username="quantri",
        full_name="Trần Văn Quản",
        role="administrator",
        unit=SCIENCE,
        position="Quản trị hệ thống",
    ),
    Part(
        username="kiemtra",
        full_name="Lê Thị Thanh Tra",
        role="auditor",
        unit=SCIENCE,
        position="Chuyên viên giám sát KT1",
    ),
    Part(
        username="bo.khcn",
        full_name="Phạm Quốc Bình",
        role="ministry_reader",
        unit=MINISTRY,
        position="Chuyên viên Bộ",
        locale="en",
    ),
    Part(
        username="vanthu.ubnd",
        full_name="Nguyễn Thị Hạnh",
        role="focal_point",
        unit=OFFICE,
        position="Văn thư",
    ),
    Part(
        username="vanthu2.ubnd", full_name="Lê Thị Thu", role="focal_point", unit=OFFICE, position="Văn thư"
    ),
    Part(
        username="vanthu.khcn", full_name="Vũ Đức Long", role="focal_point", unit=SCIENCE, position="Văn thư"
    ),
    Part(
        username="vanthu.tc", full_name="Đỗ Mai Hương", role="focal_point", unit=FINANCE, position="Văn thư"
    ),
    Part(
        username="minhchau.tc",
        full_name=NAMED_RECEIVER,
        role="focal_point",
        unit=FINANCE,
        position="Phó Giám đốc",
    ),
    Part(
        username="giaothu",
        full_name="Ngô Văn Tuyến",
        role="courier",
        unit=POST_OFFICE,
        position="Giao thông viên KT1",
    ),
    Part(
        username="giaodich",
        full_name="Dương Thị Quầy",
        role="clerk",
        unit=POST_OFFICE,
        position="Giao dịch viên",
    ),
    Part(
        username="kiemsoat",
        full_name="Cao Văn Soát",
        role="clerk",
        unit=POST_OFFICE,
        position="Kiểm soát viên",
    ),
    Part(username="khaithac", full_name="Đinh Thị Trung", role="clerk", unit=HUB, position="Khai thác viên"),
    Part(
        username="giaothu.bdt",
        full_name="Hoàng Văn Đường",
        role="courier",
        unit=HUB,
        position="Giao thông viên KT1",
    ),
    Part(username="aptai", full_name="Phan Văn Tải", role="clerk", unit=HUB, position="Nhân viên áp tải"),
    Part(
        username="giaodich.ts",
        full_name="Nguyễn Thị Sen",
        role="clerk",
        unit=OTHER_POST_OFFICE,
        position="Giao dịch viên",
    ),
    Part(
        username="kiemsoat.ts",
        full_name="Trịnh Văn Kiểm",
        role="clerk",
        unit=OTHER_POST_OFFICE,
        position="Kiểm soát viên",
    ),
    Part(
        username="giaothu.ts",
        full_name="Bùi Văn Bước",
        role="courier",
        unit=OTHER_POST_OFFICE,
        position="Giao thông viên KT1",
    ),
)
