"""Read ahead into a group's buffers, and remember what is not there, so that nothing is asked twice."""

from app.storage.bag_rows import to_bag
from app.storage.group import Group
from app.storage.hot import HotStore, Wanted
from app.storage.people_rows import to_owned_device, to_stored_scan, to_unit
from app.storage.rows import to_consignment


class Prefetch:
    """Fill one group."""

    __slots__ = ("_group", "_hot")

    def __init__(self, hot: HotStore, group: Group) -> None:
        self._hot = hot
        self._group = group

    def load(self, wanted: Wanted) -> None:
        """Read what is wanted and not yet known; PostgreSQL locks the consignments in order of code."""
        if not (wanted.codes or wanted.scans or wanted.devices or wanted.units):
            return
        group = self._group
        missing = Wanted(
            codes=set(wanted.codes) - group.consignments.keys(),
            scans=set(wanted.scans) - group.scans.keys(),
            devices=set(wanted.devices) - group.devices.keys(),
            units=set(wanted.units) - group.units.keys(),
        )
        if not (missing.codes or missing.scans or missing.devices or missing.units):
            return
        loaded = self._hot.load(missing)
        consignments = {str(row[1]): to_consignment(row) for row in loaded.consignments}
        scans = {str(row[0]): to_stored_scan(row) for row in loaded.scans}
        devices = {str(row[1]): to_owned_device(row) for row in loaded.devices}
        units = {str(row[1]): to_unit(row) for row in loaded.units}
        for code in missing.codes:
            group.journal.put(group.consignments, code, consignments.get(code))
        self._load_bags({code for code in missing.codes if code not in consignments})
        for scan in missing.scans:
            group.journal.put(group.scans, scan, scans.get(scan))
        for key in missing.devices:
            group.journal.put(group.devices, key, devices.get(key))
        for unit in missing.units:
            group.journal.put(group.units, unit, units.get(unit))

    def _load_bags(self, codes: set[str]) -> None:
        """Look among the bags for codes that are no consignment's; locks come in this order everywhere."""
        unknown = codes - self._group.bags.keys()
        if not unknown:
            return
        bags = {str(row[1]): to_bag(row) for row in self._hot.load_bags(unknown)}
        for code in unknown:
            self._group.journal.put(self._group.bags, code, bags.get(code))
