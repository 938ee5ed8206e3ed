#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tools/samples/baoji: the alliances of Baoji (宝鸡) as its published model of 2024 describes them.

What the model names is real; schools that it only counts are made up, named 样例 and flagged `synthetic`,
so that the registry's statistics for 2023-12-31 come out at the published figures (check_baoji.py proves
it). Platforms, joint activities of the county alliances and teams sent by city schools follow in the school
year 2023-2024. The output is committed; run this again only after changing it.
"""

from sample import ROOT, Sample, evidence_of

SINCE = "2021-09-01"  # First day of everything made up.

COUNTIES = {
    "渭滨区": "610302", "金台区": "610303", "陈仓区": "610304", "凤翔区": "610305", "岐山县": "610323",
    "扶风县": "610324", "眉县": "610326", "陇县": "610327", "千阳县": "610328", "麟游县": "610329",
    "凤县": "610330", "太白县": "610331",
}
ZONES = ["高新区", "港务区"]
# Lead (first-named) county, its partner, school alliances inside.
COUNTY_ALLIANCES = [
    ("渭滨区", "凤县", 13), ("金台区", "陇县", 13), ("陈仓区", "千阳县", 13),
    ("高新区", "麟游县", 13), ("凤翔区", "岐山县", 12), ("眉县", "扶风县", 12),
]
IN_COUNTY_ALLIANCES = {
    "渭滨区": 20, "金台区": 20, "陈仓区": 25, "凤翔区": 22, "岐山县": 22, "扶风县": 22, "眉县": 20, "陇县": 18,
    "千阳县": 13, "麟游县": 10, "凤县": 12, "太白县": 8, "高新区": 24, "港务区": 12,
}
# Here one school is a member of two in-county alliances.
SECOND_MEMBERSHIPS = ["渭滨区", "金台区", "陈仓区", "凤翔区", "岐山县", "扶风县", "眉县", "陇县", "高新区"]
GROUPS = {"渭滨区": 4, "金台区": 4, "高新区": 4, "陈仓区": 3, "凤翔区": 2, "岐山县": 1, "眉县": 1, "扶风县": 1,
          "陇县": 1}
STAGES = ["PRIMARY", "PRIMARY", "PRIMARY", "JUNIOR", "PRIMARY", "PRIMARY", "JUNIOR", "KINDERGARTEN"]
# Teachers whom the city school of each characteristic alliance sends: 5 to 15.
SECONDED = [5, 8, 12, 15]
# The five exchanges: category, type of activity, name.
EXCHANGES = [
    ("PARTY_BUILDING", "THEME_PARTY_DAY", "党建工作交流"), ("IDEAS", "IDEA_SEMINAR", "先进理念引领"),
    ("TEACHER_EXCHANGE", "MENTORING", "推进教师交流"),
    ("TEACHING_RESEARCH", "SAME_TOPIC_LESSON_STUDY", "加强教研交流"), ("MANAGEMENT", "MUTUAL_VISIT", "强化管理协作"),
]
ACTIVITY_DAYS = ["2023-10-18", "2023-12-06"]  # At least two a term.
OFFICES = ["基础教育股", "人事股", "教研室"]
NAMES = {"KINDERGARTEN": "幼儿园", "PRIMARY": "小学", "JUNIOR": "初级中学", "SENIOR": "高级中学"}
# An article on the model; its author's name is no matter of the registry.
PAPER = {"title": "宝鸡市城乡教育联盟“14254”工作模式", "documentNumber": "1002-3275(2024)08-6-03"}
evidence = evidence_of(PAPER)


class Baoji(Sample):
    def __init__(self):
        super().__init__("baoji")
        self.school_counts = {}

    def school(self, place, stage, role, municipal=False):
        """A made-up school; `role` is lead, rural or weak."""
        serial = self.school_counts[(place, stage)] = self.school_counts.get((place, stage), 0) + 1
        name = f"{'宝鸡市直属' if municipal else place}第{serial}{NAMES[stage]}（样例）"
        in_city = place.endswith("区") or municipal
        urban = {"lead": "URBAN_CORE" if in_city else "TOWN_CENTRE", "weak": "TOWN_FRINGE",
                 "rural": "VILLAGE" if serial % 2 else "TOWNSHIP_CENTRE"}[role]
        tier = {"lead": "QUALITY", "weak": "WEAK", "rural": "ORDINARY"}[role]
        return self.organisation(
            f"school/{place}/{stage.lower()}/{serial:02}",
            "KINDERGARTEN" if stage == "KINDERGARTEN" else "SCHOOL", name, place,
            schoolType=f"SCHOOL_TYPE_{stage}", stages=[f"STAGE_{stage}"], ownership="OWNERSHIP_PUBLIC",
            affiliation=f"AFFILIATION_{'MUNICIPAL' if municipal else 'COUNTY'}_DIRECT",
            urbanRuralClass=f"URBAN_RURAL_CLASS_{urban}",
            qualityTier=[{"tier": f"QUALITY_TIER_{tier}", "validFrom": SINCE, "source": "样例"}],
            synthetic=True)

    def alliance(self, key, type_, name, place, others=(), real=False, **more):
        return super().alliance(key, type_, name, place, SINCE, others, real, **more)

    def member(self, alliance, party, role, position, county=False, others=(), real=False, **more):
        return super().member(alliance, party, role, position, SINCE, county, others, real, **more)


def add_places(s):
    s.jurisdiction("陕西省", "PROVINCE", "PROVINCE", "陕西省", ROOT, "610000")
    s.jurisdiction("宝鸡市", "CITY", "CITY", "宝鸡市", "陕西省", "610300", bureauName="宝鸡市教育局")
    for name, code in COUNTIES.items():
        former = {}
        if name == "凤翔区":
            former = {"formerNames": [{"name": "凤翔县"}],
                      "formerCodes": [{"kind": "CODE_KIND_DIVISION", "code": "610322"}]}
        s.jurisdiction(name, "COUNTY", "COUNTY", name, "宝鸡市", code, bureauName=f"{name}教育和体育局", **former)
    for name in ZONES:
        s.jurisdiction(name, "FUNCTIONAL_ZONE", "COUNTY", name, "宝鸡市",
                       others=[("functional-zones", f"610300/{name}")])


def add_offices(s):
    city = s.organisation("office/宝鸡市教育局", "EDUCATION_BUREAU", "宝鸡市教育局", "宝鸡市")
    for name, kind, duties in [
            ("基础教育科", "BUREAU_UNIT", ["特色联盟的组织开展"]),
            ("人事教育科", "BUREAU_UNIT", ["校长、教师交流工作的指导推进"]),
            ("教师工作科", "BUREAU_UNIT", ["全市优质师资平台的组建运行"]),
            ("教育督导室", "BUREAU_UNIT", ["城乡教育联盟领导小组办公室"]),
            ("市政府教育督导委员会办公室", "BUREAU_UNIT", ["城乡教育联盟专项督导", "向县区政府通报"]),
            ("宝鸡市教研室", "AFFILIATED_BODY", ["全市优质资源平台的组建运行"]),
            ("宝鸡教育学院", "AFFILIATED_BODY", ["教育联盟业务培训、继续教育"]),
            ("宝鸡开放大学", "AFFILIATED_BODY", ["教育联盟业务培训、继续教育"])]:
        s.organisation(f"office/{name}", kind, name, "宝鸡市", city, duties=duties)
    for place in IN_COUNTY_ALLIANCES:
        bureau = s.organisation(f"office/{place}教育主管部门", "EDUCATION_BUREAU", f"{place}教育和体育局", place,
                                synthetic=True if place in ZONES else None)
        for name in OFFICES:
            kind = "AFFILIATED_BODY" if name == "教研室" else "BUREAU_UNIT"
            s.organisation(f"office/{place}{name}", kind, f"{place}{name}（样例）", place, bureau, synthetic=True)


def add_in_county(s):
    """248 alliances, 186 of 1+3 and 62 of 1+2; 921 schools, 9 of them twice.

    Returns (stage, school) of the lead schools and of the member schools of each county.
    """
    leads, members, number = {}, {}, 0
    for place, count in IN_COUNTY_ALLIANCES.items():
        leads[place], members[place] = [], []
        for index in range(count):
            stage, size = STAGES[index % len(STAGES)], 2 if number % 4 == 3 else 3
            number += 1
            lead = s.school(place, stage, "lead")
            mine = [s.school(place, stage, "weak" if (index + slot) % 4 == 3 else "rural")
                    for slot in range(size - (index == 4 and place in SECOND_MEMBERSHIPS))]
            if len(mine) < size:
                mine.append(members[place][0][1])
            key = s.alliance(f"alliance/in-county/{place}/{index + 1:02}", "IN_COUNTY",
                             f"{place}第{index + 1}学校联盟（样例）", place, model="ALLIANCE_MODEL_ONE_TO_MANY")
            s.member(key, lead, "LEAD_SCHOOL", 1)
            for slot, school in enumerate(mine):
                s.member(key, school, "MEMBER", slot + 2)
            leads[place].append((stage, lead))
            members[place] += [(stage, school) for school in mine]
    return leads, members


def add_county_alliances(s, leads):
    """Six county alliances, each with cooperation units and one-to-one school alliances (76; 146 schools)."""
    quote = "縣區聯盟將第一個縣區作為主任縣區,負責牽頭實施。"
    for lead, partner, schools in COUNTY_ALLIANCES:
        row = f"county/current/{lead}/{partner}"
        key = s.alliance(f"alliance/county/{lead}-{partner}", "COUNTY", f"{lead}—{partner}县区联盟", "宝鸡市",
                         [("baoji-alliances", row)], real=True, generation=2,
                         model="ALLIANCE_MODEL_ONE_TO_ONE", evidence=evidence(quote))
        s.member(key, lead, "LEAD_COUNTY", 1, True, [("baoji-alliances", f"{row}/{lead}")], True,
                 generation=2)
        s.member(key, partner, "MEMBER", 2, True, [("baoji-alliances", f"{row}/{partner}")], True,
                 generation=2)
        for office in OFFICES:
            unit = s.alliance(f"{key}/unit/{office}", "COOPERATION_UNIT",
                              f"{lead}—{partner}{office}合作机构（样例）", "宝鸡市",
                              parentAllianceId=s.ref(key))
            s.member(unit, f"office/{lead}{office}", "LEAD_UNIT", 1)
            s.member(unit, f"office/{partner}{office}", "MEMBER", 2)
        for index in range(schools):  # The last one is led by the school that leads the first one too.
            stage, school = leads[lead][index % (schools - 1)]
            member = leads[partner][index][1] if index < 3 else s.school(partner, stage, "rural")
            cross = s.alliance(f"{key}/school/{index + 1:02}", "CROSS_COUNTY",
                               f"{lead}—{partner}第{index + 1}学校联盟（样例）", "宝鸡市",
                               parentAllianceId=s.ref(key), model="ALLIANCE_MODEL_ONE_TO_ONE")
            s.member(cross, school, "LEAD_SCHOOL", 1)
            s.member(cross, member, "MEMBER", 2)


def add_city_alliances(s):
    """Returns the characteristic alliances as (key, city school, school in a zone)."""
    characteristic = []
    direct = {stage: s.school("宝鸡市", stage, "lead", municipal=True) for stage in NAMES}
    for stage, name in NAMES.items():
        key = s.alliance(f"alliance/municipal-direct/{stage.lower()}", "MUNICIPAL_DIRECT",
                         f"市直属{name}—太白县{name}联盟（样例）", "宝鸡市", stages=[f"STAGE_{stage}"],
                         evidence=evidence("市直屬學校(幼兒園)與太白縣對應學段學校(幼兒園)組成的學校聯盟繼續運行"))
        s.member(key, direct[stage], "LEAD_SCHOOL", 1)
        s.member(key, s.school("太白县", stage, "rural"), "MEMBER", 2)
    quote = "由市局直屬學校(幼兒園)與港務區、高新區對應學段學校(幼兒園)一對一組建緊密型學校聯盟"
    modes = ["BRANCH_SCHOOL", "JOINT_RUNNING", "JOINT_RUNNING", "OTHER_JOINT"]
    for index, (stage, name) in enumerate(NAMES.items()):
        place = ZONES[index % 2]
        key = s.alliance(f"alliance/characteristic/{stage.lower()}", "CHARACTERISTIC",
                         f"市直属{name}—{place}{name}特色联盟（样例）", "宝鸡市", stages=[f"STAGE_{stage}"],
                         model=f"ALLIANCE_MODEL_{modes[index]}",
                         evidence=evidence(quote))
        lead = s.school("宝鸡市", stage, "lead", municipal=True)
        member = s.school(place, stage, "weak")
        s.member(key, lead, "LEAD_SCHOOL", 1)
        s.member(key, member, "MEMBER", 2)
        characteristic.append((key, lead, member))
    return characteristic


def add_special_education(s, leads):
    """Guidance centre, a resource centre and a resource room for each county."""
    special = {"schoolType": "SCHOOL_TYPE_SPECIAL", "stages": ["STAGE_SPECIAL"],
               "ownership": "OWNERSHIP_PUBLIC"}
    centre = s.organisation("school/宝鸡市特殊教育学校", "SPECIAL_EDUCATION_UNIT", "宝鸡市特殊教育学校", "宝鸡市",
                            affiliation="AFFILIATION_MUNICIPAL_DIRECT",
                            specialEducationTier="SPECIAL_EDUCATION_TIER_GUIDANCE_CENTRE", **special)
    key = s.alliance("alliance/special-education", "SPECIAL_EDUCATION", "宝鸡市特殊教育联盟", "宝鸡市", real=True,
                     model="ALLIANCE_MODEL_TWO_LEVEL_CHAIN", stages=["STAGE_SPECIAL"],
                     evidence=evidence("按照兩級聯盟、鏈式帶動、并行合作的方式繼續運行"))
    s.member(key, centre, "GUIDANCE_CENTRE", 1, real=True, tier=1)
    for index, place in enumerate(COUNTIES):
        resource = s.organisation(f"school/{place}/special", "SPECIAL_EDUCATION_UNIT",
                                  f"{place}特殊教育学校（样例）", place, synthetic=True,
                                  affiliation="AFFILIATION_COUNTY_DIRECT",
                                  specialEducationTier="SPECIAL_EDUCATION_TIER_RESOURCE_CENTRE", **special)
        s.member(key, resource, "RESOURCE_CENTRE", 2 + index, tier=2)
        s.member(key, leads[place][0][1], "RESOURCE_ROOM", 14 + index, tier=3)


def add_groups(s, leads, members):
    """21 groups with 57 member schools: 15 with three, 6 with two; the first reaches into another county."""
    number, quote = 0, "在集團學校內推進學校招生、財政、人事等深度融合"
    for place, count in GROUPS.items():
        free = list(dict.fromkeys(school for stage, school in members[place] if stage == "PRIMARY"))
        for index in range(count):
            size = 3 if number < 15 else 2
            mine = free[index * 3:index * 3 + size]
            if number == 0:
                mine[2] = next(school for stage, school in reversed(members["金台区"]) if stage == "PRIMARY")
            number += 1
            key = s.alliance(f"alliance/group/{place}/{index + 1:02}", "EDUCATION_GROUP",
                             f"{place}第{index + 1}教育集团（样例）", place,
                             integrations=[{"aspect": f"INTEGRATION_ASPECT_{aspect}", "integrated": True,
                                            "evidence": evidence(quote)}
                                           for aspect in ("ENROLMENT", "FINANCE", "PERSONNEL")])
            s.member(key, leads[place][index][1], "LEAD_SCHOOL", 1)
            for slot, school in enumerate(mine):
                s.member(key, school, "MEMBER", slot + 2)


def add_bodies(s):
    seats = [("HEAD", "市教育局主要领导"), ("DEPUTY_HEAD", "分管基础教育的领导"),
             ("DEPUTY_HEAD", "分管人事工作的领导"), ("DEPUTY_HEAD", "分管督导工作的领导"),
             ("MEMBER", "机关各科室负责人"), ("MEMBER", "相关单位负责人")]
    s.add(
        "05_governing-bodies", "body/领导小组", kind="GOVERNING_BODY_KIND_LEADING_GROUP", name="宝鸡市城乡教育联盟工作领导小组",
        level="GOVERNANCE_LEVEL_CITY", jurisdictionId=s.ref("宝鸡市"),
        officeOrganisationId=s.ref("office/教育督导室"),
        seats=[{"role": f"SEAT_ROLE_{role}", "post": post} for role, post in seats],
        duties="按照职责分工,加强对县区、学校的业务指导,加大统筹推进合力。",
        evidence=evidence("領導小組下設辦公室,辦公室設在教育督導室。"))


def add_seconded(s, characteristic):
    number = 0
    for (key, lead, member), count in zip(characteristic, SECONDED):
        for index in range(1, count + 1):
            number += 1
            teacher = s.add("10_teachers", f"teacher/{number:02}", personRef=f"baoji-T{number:04}",
                            schoolId=s.ref(lead), synthetic=True)
            s.add("11_assignments", f"{key}/seconded/{index:02}", teacherId=s.ref(teacher),
                  type="ASSIGNMENT_TYPE_SECONDED_TEAM", fromSchoolId=s.ref(lead), toSchoolId=s.ref(member),
                  hostRole="HOST_ROLE_TEACHER", state="ASSIGNMENT_STATE_COMPLETED", plannedFrom="2023-09-01",
                  plannedUntil="2024-08-31", startedOn="2023-09-01", endedOn="2024-08-31",
                  weeklySharePercent=100, allianceId=s.ref(key),
                  evidence=evidence("從市直屬學校每校抽調5~15人"), synthetic=True)


def add_activities(s):
    """Two a term in each county alliance, the five exchanges in turn."""
    number = 0
    for lead, partner, _ in COUNTY_ALLIANCES:
        for day in ACTIVITY_DAYS:
            category, type_, name = EXCHANGES[number % len(EXCHANGES)]
            number += 1
            s.activity(12, f"activity/{number:02}", f"alliance/county/{lead}-{partner}", [lead, partner], day,
                       places=True, category=f"JOINT_ACTIVITY_CATEGORY_{category}",
                       type=f"JOINT_ACTIVITY_TYPE_{type_}", title=f"{name}（样例）",
                       termId="calendar:2023-2024-1", sessionCount=1,
                       evidence=evidence("每學期聯合開展交流活動不少于2次"))


def add_platforms(s):
    """What the model wants set up; addresses and first days are not in it, so they stand as planned."""
    for kind, name, owner, quote in [
            ("COOPERATION", "合作平台", "宝鸡市教育局", "第一,組建合作平臺。"),
            ("TEACHER", "全市优质师资平台", "教师工作科", "教師工作科要做好全市優質師資平臺的組建運行"),
            ("RESOURCE", "宝鸡市优质教育资源共享平台", "宝鸡市教研室", "市教研室要做好全市優質資源平臺的組建運行")]:
        inner = ["INFORMATION_EXCHANGE", "COMPLEMENTING_STRENGTHS", "SCHOOL_INTERACTION"]
        s.add("14_platforms", f"platform/{kind.lower()}", name=name, kind=f"PLATFORM_KIND_{kind}",
              innerKinds=[f"PLATFORM_INNER_KIND_{one}" for one in inner] if kind == "COOPERATION" else None,
              ownerOrganisationId=s.ref(f"office/{owner}"), state="PLATFORM_STATE_PLANNED",
              evidence=evidence(quote))


def main():
    s = Baoji()
    add_places(s)
    add_offices(s)
    leads, members = add_in_county(s)
    add_county_alliances(s, leads)
    characteristic = add_city_alliances(s)
    add_special_education(s, leads)
    add_groups(s, leads, members)
    add_bodies(s)
    s.school_year(2023)
    add_seconded(s, characteristic)
    add_activities(s)
    add_platforms(s)
    s.write()


if __name__ == "__main__":
    main()
