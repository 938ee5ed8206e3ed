# SPDX-License-Identifier: Apache-2.0
"""What the generators of samples share: records with external ids, written as NN_<collection>.ndjson."""

import json
import pathlib

ROOT = "00000000-0000-7000-8000-000000000001"  # 全国, which every platform holds.
UNKNOWN_START = {"startPrecision": "DATE_PRECISION_UNKNOWN"}
CALENDAR = "calendar"  # Source system of school years and terms: one calendar for all samples.


def evidence_of(paper):
    """A function that quotes the paper."""
    return lambda quote: [dict(paper, quote=quote)]


class Sample:
    """One folder of records, all of one source system.

    A key names a record within the sample; a reference to it is `ref(key)`. None leaves a field out.
    The importer matches a record by the first of its external ids: what several samples hold (school years,
    terms, a province) begins with a shared one.
    """

    def __init__(self, name):
        self.system = f"{name}-sample"
        self.folder = pathlib.Path(__file__).parent / name
        self.files = {}

    def ref(self, key):
        return key if key == ROOT else key and f"{self.system}:{key}"

    def add(self, file, key, /, others=(), **fields):
        """Puts a record into a file, e.g. `10_teachers`; `others`: (system, id). Returns the key."""
        ids = [{"system": self.system, "id": key}] + [{"system": s, "id": i} for s, i in others]
        self.files.setdefault(file, []).append(
            {"externalIds": ids, **{k: v for k, v in fields.items() if v is not None}})
        return key

    def school_year(self, first):
        """The one that begins in `first`, with its two terms. Returns the reference to it."""
        key, last = f"{first}-{first + 1}", first + 1
        year = [{"system": CALENDAR, "id": key}]
        self.files.setdefault("06_school-years", []).append({
            "externalIds": year, "key": key, "startsOn": f"{first}-09-01", "endsOn": f"{last}-08-31",
            "statisticsOn": f"{first}-09-01"})
        for number, days in enumerate([(f"{first}-09-01", f"{last}-01-31"),
                                       (f"{last}-02-15", f"{last}-07-15")], 1):
            self.files.setdefault("07_terms", []).append({
                "externalIds": [{"system": CALENDAR, "id": f"{key}-{number}"}], "key": f"{key}-{number}",
                "schoolYearId": f"{CALENDAR}:{key}", "number": number, "startsOn": days[0],
                "endsOn": days[1]})
        return f"{CALENDAR}:{key}"

    def jurisdiction(self, key, kind, level, name, parent, code=None, others=(), **more):
        if code:
            others = [("gb-t-2260", code), *others]
        return self.add("01_jurisdictions", key, others, kind=f"JURISDICTION_KIND_{kind}",
                        level=f"JURISDICTION_LEVEL_{level}", name=name, parentId=self.ref(parent),
                        divisionCode=code, **more)

    def organisation(self, key, kind, name, place, parent=None, **more):
        return self.add("02_organisations", key, kind=f"ORGANISATION_KIND_{kind}", name=name,
                        jurisdictionId=self.ref(place), parentOrganisationId=self.ref(parent),
                        status="ORGANISATION_STATUS_ACTIVE", **more)

    def alliance(self, key, type_, name, place, since, others=(), real=False, **more):
        """`since`: its first day if it is made up; that of a real one is not known."""
        dates = {"foundedOn": since, "activeOn": since} if not real else UNKNOWN_START
        return self.add("03_alliances", key, others, name=name, type=f"ALLIANCE_TYPE_{type_}",
                        jurisdictionId=self.ref(place), state="ALLIANCE_STATE_ACTIVE",
                        synthetic=None if real else True, **dates, **more)

    def member(self, alliance, party, role, position, since, county=False, others=(), real=False, **more):
        dates = {"joinedOn": since} if not real else UNKNOWN_START
        return self.add("04_memberships", f"{alliance}/{party}", others, allianceId=self.ref(alliance),
                        **{"jurisdictionId" if county else "organisationId": self.ref(party)},
                        role=f"MEMBERSHIP_ROLE_{role}", position=position, state="MEMBERSHIP_STATE_ACTIVE",
                        synthetic=None if real else True, **dates, **more)

    def activity(self, number, key, alliance, parties, day, places=False, **fields):
        """A joint activity that counts: verified, and confirmed by its parties, organisations or places.

        `number` is that of its file; the parties stand in the next one.
        """
        kind = "Jurisdiction" if places else "Organisation"
        fields.update(state="JOINT_ACTIVITY_STATE_VERIFIED", reportedOn=day, verifiedOn=day, synthetic=True)
        fields[f"host{kind}Id"] = self.ref(parties[0])
        self.add(f"{number}_joint-activities", key, allianceId=self.ref(alliance), startsOn=day,
                 mode="JOINT_ACTIVITY_MODE_OFFLINE", **fields)
        for party in parties:
            self.add(f"{number + 1}_activity-parties", f"{key}/{party}", jointActivityId=self.ref(key),
                     **{f"{kind.lower()}Id": self.ref(party)}, state="ACTIVITY_PARTY_STATE_CONFIRMED",
                     confirmedOn=day, synthetic=True)
        return key

    def write(self):
        self.folder.mkdir(exist_ok=True)
        for old in self.folder.glob("*.ndjson"):
            old.unlink()
        for name, records in self.files.items():
            lines = [json.dumps(record, ensure_ascii=False, separators=(",", ":")) for record in records]
            (self.folder / f"{name}.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")
