"""Make known answers for whole evidence bundles from docs/formats/evidence-bundle.md, with none of our code.

.venv/bin/python -m tests.vectors.make_evidence_vectors > tests/vectors/evidence_bundles.json
"""

import io
import json
import sys
import zipfile

from tests.vectors.make_vectors import log, signed
from tests.vectors.vector_statements import BAG, CODE, LOG, ORIGIN, Json, sha

FOR_PEOPLE = {
    "README.txt": "Đọc trước: summary.pdf\n".encode(),
    "keys-for-reading.txt": b"FOR READING ONLY\n",
    "kt1-verify.pyz": b"PK a program\n",
    "summary.pdf": b"%PDF-1.4 a summary\n",
}


def evidence_bundles(entries: list[bytes]) -> list[Json]:
    """One bundle of each scope, whole: manifest, files and ZIP; checkpoint and proofs are stand-ins."""
    kinds = [json.loads(data)["kind"] for data in entries]
    registered, erased = kinds.index("registered"), kinds.index("field_erased")
    enrolled = kinds.index("device_enrolled")
    period = {"from": "2026-11-22T07:43:00.000Z", "until": "2026-11-22T07:44:00.000Z"}
    two = [registered, erased]
    listed = ",".join(map(str, two))
    gone = [
        {"entry": index, "label": "abstract", "salt": "", "state": "erased", "value": ""} for index in two
    ]
    hidden = [{"entry": registered, "label": "abstract", "salt": "", "state": "withheld", "value": ""}]
    cases: list[tuple[Json, list[int], list[int], list[Json]]] = [
        ({"kind": "consignment", "code": CODE, "entries": listed}, two, [enrolled], gone),
        ({"kind": "period", **period}, [registered], [], hidden),
        ({"kind": "incident", "reference": "SC-1", "codes": CODE}, [registered], [], hidden),
        ({"kind": "incident", "reference": "SC-1", "codes": CODE, **period}, [registered], [], hidden),
        ({"kind": "incident", "reference": "SC-1", "entries": listed}, two, [enrolled], gone),
    ]
    # New answers come last.
    rode, devices = in_bags(entries), [enrolled, enrolled + 1]
    some = [index for index in rode if index in two or kinds[index].startswith(("bag_", "seal_"))]
    carried: Json = {"kind": "consignment", "code": CODE, "bags": BAG}
    cases += [
        (carried, rode, devices, gone),
        ({**carried, "entries": ",".join(map(str, some))}, some, [enrolled], gone),
    ]
    return [evidence_bundle(entries, *case) for case in cases]


def in_bags(entries: list[bytes]) -> list[int]:
    """Every entry of the consignment, and of its bag during each stay, both ends included."""
    chosen: list[int] = []
    inside = False
    for index, data in enumerate(entries):
        entry = json.loads(data)
        named = {item["code"] for item in entry["items"]}
        both = {BAG, CODE} <= named
        if CODE in named or (inside and BAG in named):
            chosen.append(index)
        if both and entry["kind"] in {"bag_packed", "bag_unpacked", "bag_answered"}:
            inside = entry["kind"] == "bag_packed"
    return chosen


def evidence_bundle(
    entries: list[bytes], scope: Json, shown: list[int], support: list[int], fields: list[Json]
) -> Json:
    files = {"checkpoint": b"checkpoint\n", **FOR_PEOPLE}
    for index in (*shown, *support):
        files[f"entries/{index:012}.json"] = entries[index]
        files[f"proofs/{index:012}.tlog-proof"] = f"proof {index}\n".encode()
    value: Json = {
        "entries": shown,
        "fields": fields,
        "files": {name: sha(data) for name, data in files.items()},
        "format": "kt1/evidence-bundle/1",
        "key": LOG.name,
        "made_at": "2026-11-22T09:00:00.000Z",
        "origin": ORIGIN,
        "scope": scope,
        "support": support,
    }
    manifest = signed(value, b"kt1/evidence-bundle/v1\n", LOG)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, data in (("manifest.json", manifest), *sorted(files.items())):
            item = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            item.create_system, item.external_attr = 3, 0o644 << 16
            archive.writestr(item, data)
    return {
        "manifest": manifest.decode(),
        "files": {name: data.decode() for name, data in sorted(files.items()) if "entries/" not in name},
        "zip": sha(stream.getvalue()),
    }


def main() -> None:
    json.dump(evidence_bundles(log()), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
