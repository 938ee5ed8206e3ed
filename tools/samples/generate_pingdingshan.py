#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tools/samples/pingdingshan: the education groups of Pingdingshan (平顶山) after a reply of 2024.

The reply names four groups and the community of one of them; the others, the schools that it only counts and
the teachers are made up, carry 样例 in their name and are flagged `synthetic`. Besides its groups: the 3+2
exchange in its five forms, the homework model 4+1+2 and the measures 一二三四 of 新华区.
"""

from sample import ROOT, Sample, UNKNOWN_START, evidence_of

SINCE = "2022-09-01"  # First day of everything made up.
CODES = {"新华区": "410402", "卫东区": "410403", "石龙区": "410404", "湛河区": "410411", "宝丰县": "410421",
         "叶县": "410422", "鲁山县": "410423", "郏县": "410425", "舞钢市": "410481", "汝州市": "410482"}
# 47 groups; every third one, the first included, is of the alliance type: 16 of it and 31 tight ones.
GROUPS = {"平顶山市": 2, "新华区": 8, "卫东区": 6, "湛河区": 6, "石龙区": 2, "宝丰县": 4, "叶县": 4, "鲁山县": 4,
          "郏县": 4, "舞钢市": 3, "汝州市": 4}
LARGER = 4  # Groups with three members; the others have two: 47 leads and 98 members are 145 schools.
NAMED = {("平顶山市", 1): ("市四十一中教育集团", "市四十一中"), ("平顶山市", 2): ("市三六联校", None),
         ("新华区", 1): ("新华区光明路小学教育集团", "新华区光明路小学"),
         ("叶县", 1): ("叶县第二实验学校教育集团", "叶县第二实验学校")}
FORMS = [  # Rotation kind, from, to, role at the host, words of the reply.
    ("LEAD_TEAM_TO_COUNTRY", "lead", "rural", "TEACHER", "鼓励城市优师“下乡带队”"),
    ("TEMPORARY_POST_IN_CITY", "rural", "lead", "MID_LEVEL", "选派农村教师“进城挂职”"),
    ("NEW_TEACHER_SHADOWING", "rural", "lead", "TRAINEE", "安排新任教师“跟岗学习”"),
    ("WITHIN_GROUP", "lead", "town", "TEACHER", "“2”即教育集团内和集团间的教师交流"),
    ("BETWEEN_GROUPS", "lead", "next", "TEACHER", "“2”即教育集团内和集团间的教师交流"),
]
EACH = 6  # Teachers of each form.
PAPER = {"title": "关于深入推进集团化办学加快义务教育优质均衡发展的建议", "documentNumber": "市十二届人大二次会议第136号",
         "issuer": "平顶山市教育体育局", "datedOn": "2024-05-27"}
evidence = evidence_of(PAPER)


class Pingdingshan(Sample):
    def __init__(self):
        super().__init__("pingdingshan")
        self.school_year(2023)
        self.serials = {}

    def school(self, place, urban, real=None):
        serial = self.serials[place] = self.serials.get(place, 0) + 1
        city = place == "平顶山市"
        key = f"school/{real or f'{place}/{serial:02}'}"
        stage = "JUNIOR" if city else "PRIMARY"
        kind = "UNDETERMINED" if real == "叶县第二实验学校" else stage
        return self.organisation(
            key, "SCHOOL", real or f"{place}第{serial}{'初级中学' if city else '小学'}（样例）", place,
            schoolType=f"SCHOOL_TYPE_{kind}", ownership="OWNERSHIP_PUBLIC",
            stages=[f"STAGE_{stage}"],
            affiliation=f"AFFILIATION_{'MUNICIPAL' if city else 'COUNTY'}_DIRECT",
            urbanRuralClass=f"URBAN_RURAL_CLASS_{urban}", synthetic=None if real else True)


def add_places(s):
    s.jurisdiction("河南省", "PROVINCE", "PROVINCE", "河南省", ROOT, "410000")
    s.jurisdiction("平顶山市", "CITY", "CITY", "平顶山市", "河南省", "410400", bureauName="平顶山市教育体育局")
    for name, code in CODES.items():
        s.jurisdiction(name, "COUNTY", "COUNTY", name, "平顶山市", code)


def dates(name):
    if name == "市四十一中教育集团":
        return {"foundedOn": "2021-07-01", "activeOn": "2021-07-01", "startPrecision": "DATE_PRECISION_MONTH"}
    return UNKNOWN_START


def add_groups(s):
    """Returns the groups as (key, lead, rural member, town member)."""
    groups = []
    for place, count in GROUPS.items():
        for index in range(1, count + 1):
            name, real = NAMED.get((place, index), (None, None))
            subtype = "TIGHT" if len(groups) % 3 else "ALLIANCE"
            fields = {"type": "ALLIANCE_TYPE_EDUCATION_GROUP", "jurisdictionId": s.ref(place),
                      "state": "ALLIANCE_STATE_ACTIVE", "groupSubtype": f"GROUP_SUBTYPE_{subtype}",
                      "model": f"ALLIANCE_MODEL_{'VERTICAL_CHAIN' if place == '平顶山市' else 'ONE_PLUS_X'}"}
            fields["legalForm"] = "LEGAL_FORM_MULTIPLE" if subtype == "ALLIANCE" else None
            if name:
                fields.update(dates(name), evidence=evidence(name))
            else:
                fields.update(foundedOn=SINCE, activeOn=SINCE, synthetic=True)
            key = s.add("03_alliances", f"alliance/group/{place}/{index:02}",
                        name=name or f"{place}第{index}教育集团（样例）", **fields)
            urban = "URBAN_CORE" if place[-1] == "区" or place == "平顶山市" else "TOWN_CENTRE"
            lead = s.school(place, urban, real)
            size = 3 if len(groups) < LARGER else 2
            mine = [s.school(place, "TOWN_FRINGE" if slot == 1 else "VILLAGE") for slot in range(size)]
            for position, school in enumerate([lead, *mine], 1):
                s.member(key, school, "LEAD_SCHOOL" if position == 1 else "MEMBER", position, SINCE,
                         real=bool(real) and position == 1)
            groups.append((key, lead, mine[0], mine[1]))
    return groups


def add_community(s):
    key = s.alliance("alliance/community/叶县", "SCHOOL_COMMUNITY", "叶县第二实验学校“1+X”城乡学校发展共同体", "叶县",
                     None, real=True, model="ALLIANCE_MODEL_ONE_PLUS_X",
                     evidence=evidence("还在不同程度上带动了四所农村小学的发展"))
    s.member(key, "school/叶县第二实验学校", "URBAN_LEAD", 1, None, real=True)
    for position in range(2, 6):
        s.member(key, s.school("叶县", "VILLAGE"), "RURAL_SCHOOL", position, SINCE)


def add_exchange(s, groups):
    """Six teachers of each of the five forms, in groups of the districts and counties."""
    number = 0
    for kind, sender, host, role, quote in FORMS:
        for index in range(EACH):
            key, lead, rural, town = groups[2 + index * 5]
            schools = {"lead": lead, "rural": rural, "town": town, "next": groups[3 + index * 5][3]}
            number += 1
            person = {"backboneLevel": "RECOGNITION_LEVEL_CITY"} if sender == "lead" else {}
            teacher = s.add("10_teachers", f"teacher/{number:02}", personRef=f"pingdingshan-T{number:04}",
                            schoolId=s.ref(schools[sender]), stages=["STAGE_PRIMARY"], synthetic=True,
                            **person)
            s.add("11_assignments", f"assignment/{kind.lower()}/{index + 1}", teacherId=s.ref(teacher),
                  type="ASSIGNMENT_TYPE_ROTATION", rotationKind=f"ROTATION_KIND_{kind}",
                  fromSchoolId=s.ref(schools[sender]), toSchoolId=s.ref(schools[host]),
                  hostRole=f"HOST_ROLE_{role}", stage="STAGE_PRIMARY", state="ASSIGNMENT_STATE_COMPLETED",
                  plannedFrom="2023-09-01", plannedUntil="2024-08-31", startedOn="2023-09-01",
                  endedOn="2024-08-31", weeklySharePercent=100,
                  allianceId=None if host == "next" else s.ref(key), evidence=evidence(quote),
                  synthetic=True)


def add_models(s):
    s.add("12_practice-models", "model/4+1+2", kind="PRACTICE_MODEL_KIND_HOMEWORK_MODEL", code="4+1+2",
          name="“4+1+2”作业模式", unitKind="UNIT_KIND_ALLIANCE", unitId=s.ref("alliance/group/叶县/01"),
          parts=[{"figure": 4, "text": "四天高质量基础作业"}, {"figure": 1, "text": "缤纷社团无作业日"},
                 {"figure": 2, "text": "周末假期菜单式实践作业"}],
          recognitions=["被省教育厅评为“双减”工作典型案例", "河南省2021年义务教育集团化办学改革集团学校典型案例"],
          evidence=evidence("叶县第二实验学校教育集团积极探索“4+1+2”作业模式"))
    s.add("12_practice-models", "model/一二三四", kind="PRACTICE_MODEL_KIND_WORKING_METHOD", code="一二三四",
          name="“一二三四”工作措施", unitKind="UNIT_KIND_JURISDICTION", unitId=s.ref("新华区"),
          parts=[{"figure": 1, "text": "一个模式"}, {"figure": 2, "text": "二个类型"},
                 {"figure": 3, "text": "三个机制"}, {"figure": 4, "text": "四个保障"}],
          evidence=evidence("以“一个模式、二个类型、三个机制、四个保障”的“一二三四”工作措施"))


def main():
    s = Pingdingshan()
    add_places(s)
    groups = add_groups(s)
    add_community(s)
    add_exchange(s, groups)
    add_models(s)
    s.write()


if __name__ == "__main__":
    main()
