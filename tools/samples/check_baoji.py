#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts tools/samples/baoji on 2023-12-31 without the platform; fails unless as published."""

import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).parent / "baoji"
DAY = "2023-12-31"
PUBLISHED = {
    "county alliances": 6, "cross-county alliances": 76, "cross-county schools": 146,
    "in-county alliances": 248, "in-county schools": 921, "schools in either": 979,
    "groups": 21, "member schools of groups": 57, "memberships across counties": 152,
    "memberships inside counties": 930, "lead schools across counties": 70,
}


def load(name):
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    records = {}
    for line in lines:
        record = json.loads(line)
        for key in (f"{entry['system']}:{entry['id']}" for entry in record["externalIds"]):
            if key in records:
                sys.exit(f"{name}: {key} appears twice")
            records[key] = record
    return records


def count(alliances, memberships):
    def held(record, start):
        return record.get(start, DAY) <= DAY <= record.get("endedOn", record.get("leftOn", DAY))

    parties, numbers = {}, {}
    for alliance in {id(record): record for record in alliances.values()}.values():
        if held(alliance, "activeOn"):
            numbers[alliance["type"]] = numbers.get(alliance["type"], 0) + 1
    for membership in {id(record): record for record in memberships.values()}.values():
        if held(membership, "joinedOn"):
            kind = alliances[membership["allianceId"]]["type"]
            party = membership.get("organisationId") or membership["jurisdictionId"]
            parties.setdefault(kind, []).append((party, membership["role"]))
    cross, inside = parties["ALLIANCE_TYPE_CROSS_COUNTY"], parties["ALLIANCE_TYPE_IN_COUNTY"]
    leads = {party for party, role in cross if role.endswith("_LEAD_SCHOOL")}
    groups = parties["ALLIANCE_TYPE_EDUCATION_GROUP"]
    return {
        "county alliances": numbers["ALLIANCE_TYPE_COUNTY"],
        "cross-county alliances": numbers["ALLIANCE_TYPE_CROSS_COUNTY"],
        "cross-county schools": len({party for party, _ in cross}),
        "in-county alliances": numbers["ALLIANCE_TYPE_IN_COUNTY"],
        "in-county schools": len({party for party, _ in inside}),
        "schools in either": len({party for party, _ in cross + inside}),
        "groups": numbers["ALLIANCE_TYPE_EDUCATION_GROUP"],
        "member schools of groups": len({party for party, role in groups if role.endswith("_MEMBER")}),
        "memberships across counties": len(cross), "memberships inside counties": len(inside),
        "lead schools across counties": len(leads),
    }


def check_references(files):
    known = {"jurisdictionId": files[0], "parentId": files[0], "organisationId": files[1],
             "parentOrganisationId": files[1], "officeOrganisationId": files[1], "allianceId": files[2],
             "parentAllianceId": files[2]}
    for records in files:
        for key, record in records.items():
            for field, targets in known.items():
                value = record.get(field)
                if value and ":" in value and value not in targets:
                    sys.exit(f"{key}: {field} names {value}, which is not in the sample")


def main():
    files = [load(path.name) for path in sorted(FOLDER.glob("*.ndjson"))]
    check_references(files)
    counted = count(files[2], files[3])
    for name, number in counted.items():
        print(f"{name:30}{number:6}{'' if number == PUBLISHED[name] else f'  published: {PUBLISHED[name]}'}")
    sys.exit(counted != PUBLISHED)


if __name__ == "__main__":
    main()
