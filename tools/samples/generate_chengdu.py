#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tools/samples/chengdu: the regional alliances of Chengdu (成都) after a briefing of 2015.

The briefing counts: 21 districts and counties in 11 one-to-one pairs (so one of them is in two), and what
each year asks of them. Which place is paired with which, the schools, teachers and lessons are made up,
carry 样例 in their name and are flagged `synthetic`. The school year is 2014-2015.
"""

from sample import ROOT, Sample, evidence_of

SINCE = "2014-09-01"  # First day of everything made up.
UNTIL = "2015-08-31"
DUE = "2014-10-31"  # By then the quotas are to be filled.
CENTRAL = ["锦江区", "青羊区", "金牛区", "武侯区", "成华区", "高新区"]
CODES = {
    "锦江区": "510104", "青羊区": "510105", "金牛区": "510106", "武侯区": "510107", "成华区": "510108",
    "龙泉驿区": "510112", "青白江区": "510113", "新都区": "510114", "温江区": "510115", "双流区": "510116",
    "郫都区": "510117", "新津区": "510118", "金堂县": "510121", "大邑县": "510129", "蒲江县": "510131",
    "都江堰市": "510181", "彭州市": "510182", "邛崃市": "510183", "崇州市": "510184",
}
# Counties that have become districts since: name and code of 2015.
FORMER = {"双流区": ("双流县", "510122"), "郫都区": ("郫县", "510124"), "新津区": ("新津县", "510132")}
ZONES = ["高新区", "天府新区"]
# The stronger side first; 金堂县 is in two pairs.
PAIRS = [
    ("锦江区", "金堂县"), ("青羊区", "蒲江县"), ("金牛区", "彭州市"), ("武侯区", "新津区"), ("成华区", "崇州市"),
    ("高新区", "邛崃市"), ("龙泉驿区", "金堂县"), ("新都区", "青白江区"), ("温江区", "都江堰市"),
    ("双流区", "大邑县"), ("天府新区", "郫都区"),
]
STAGES = ["PRIMARY", "PRIMARY", "JUNIOR", "SENIOR"]  # Of the four school pairs inside each.
NAMES = {"PRIMARY": "小学", "JUNIOR": "初级中学", "SENIOR": "高级中学"}
TEACHERS = {"lead": 57, "rural": 34}  # Full-time ones of a school: 44 × 57 + 44 × 34 = 4,004.
SUPPORTING = 104  # Of them, from central urban schools; 100.1 would be 2.5 %.
PRINCIPALS = 24  # Of the 44 cadres.
MODES = ["LIVE", "RECORDED", "EMBEDDED"]
PERIODS = [("08:30", "09:10"), ("09:20", "10:00"), ("10:20", "11:00"), ("11:10", "11:50")]
PAPER = {"title": "成都市加强区域教育联盟建设 促进城乡一体融合发展", "documentNumber": "教育部简报〔2015〕第36期"}
evidence = evidence_of(PAPER)


class Chengdu(Sample):
    def __init__(self):
        super().__init__("chengdu")
        self.year = self.school_year(2014)
        self.counts = {}

    def number(self, *name):
        self.counts[name] = self.counts.get(name, 0) + 1
        return self.counts[name]

    def school(self, place, stage, role):
        serial = self.number("school", place, stage)
        urban = {"lead": "URBAN_CORE" if place.endswith("区") else "TOWN_CENTRE",
                 "rural": "VILLAGE" if serial % 2 else "TOWNSHIP_CENTRE"}[role]
        tier = "QUALITY" if role == "lead" else "ORDINARY"
        key = self.organisation(
            f"school/{place}/{stage.lower()}/{serial:02}", "SCHOOL", f"{place}第{serial}{NAMES[stage]}（样例）",
            place, schoolType=f"SCHOOL_TYPE_{stage}", stages=[f"STAGE_{stage}"], ownership="OWNERSHIP_PUBLIC",
            affiliation="AFFILIATION_COUNTY_DIRECT", urbanRuralClass=f"URBAN_RURAL_CLASS_{urban}",
            qualityTier=[{"tier": f"QUALITY_TIER_{tier}", "validFrom": SINCE, "source": "样例"}],
            synthetic=True)
        self.add("09_school-year-facts", f"{key}/2014", submissionId=self.ref(f"facts/{place}"),
                 organisationId=self.ref(key), schoolYearId=self.year, stage=f"STAGE_{stage}",
                 fullTimeTeachers=TEACHERS[role], source="样例", synthetic=True)
        return key

    def teacher(self, school, **more):
        serial = self.number("teacher")
        return self.add("10_teachers", f"teacher/{serial:03}", personRef=f"chengdu-T{serial:04}",
                        schoolId=self.ref(school), synthetic=True, **more)

    def assignment(self, type_, sender, host, role, alliance, quota, **teacher):
        key = self.teacher(sender, **teacher)
        self.add("12_assignments", f"assignment/{key}", teacherId=self.ref(key),
                 type=f"ASSIGNMENT_TYPE_{type_}", fromSchoolId=self.ref(sender), toSchoolId=self.ref(host),
                 hostRole=f"HOST_ROLE_{role}", state="ASSIGNMENT_STATE_COMPLETED", plannedFrom=SINCE,
                 plannedUntil=UNTIL, startedOn=SINCE, endedOn=UNTIL, weeklySharePercent=100,
                 allianceId=self.ref(alliance), quotaId=self.ref(quota), synthetic=True)

    def quota(self, alliance, side, type_, name, count, quote):
        return self.add("11_quotas", f"{alliance}/quota/{type_.lower()}", title=f"{name}（样例）",
                        issuerJurisdictionId=self.ref("成都市"), allianceId=self.ref(alliance),
                        side=f"QUOTA_SIDE_{side}", schoolYearId=self.year, type=f"ASSIGNMENT_TYPE_{type_}",
                        plannedCount=count, openedOn="2014-06-01", dueOn=DUE, filledCount=count,
                        countedOn=UNTIL, state="QUOTA_STATE_MET", evidence=evidence(quote), synthetic=True)


def add_places(s):
    s.jurisdiction("四川省", "PROVINCE", "PROVINCE", "四川省", ROOT, "510000")
    s.jurisdiction("成都市", "CITY", "CITY", "成都市", "四川省", "510100", bureauName="成都市教育局")
    central = [{"source": "样例"}]
    for name, code in CODES.items():
        former = {}
        if name in FORMER:
            former = {"formerNames": [{"name": FORMER[name][0]}],
                      "formerCodes": [{"kind": "CODE_KIND_DIVISION", "code": FORMER[name][1]}]}
        s.jurisdiction(name, "COUNTY", "COUNTY", name, "成都市", code,
                       centralUrban=central if name in CENTRAL else None, **former)
    for name in ZONES:
        s.jurisdiction(name, "FUNCTIONAL_ZONE", "COUNTY", name, "成都市",
                       others=[("functional-zones", f"510100/{name}")],
                       centralUrban=central if name in CENTRAL else None)
    for name in [*CODES, *ZONES]:  # Each reports the facts of its schools.
        s.add("08_fact-submissions", f"facts/{name}", jurisdictionId=s.ref(name), schoolYearId=s.year,
              source="样例", synthetic=True)
        s.add("09_jurisdiction-year-facts", f"facts/{name}/place", submissionId=s.ref(f"facts/{name}"),
              jurisdictionId=s.ref(name), schoolYearId=s.year, compulsorySchools=8, source="样例",
              synthetic=True)


def add_alliances(s):
    """Eleven regional alliances with four school pairs each. Returns (regional, school pair, lead, rural)."""
    pairs = []
    for lead, partner in PAIRS:
        key = s.alliance(f"alliance/regional/{lead}-{partner}", "REGIONAL", f"{lead}—{partner}区域教育联盟（样例）",
                         "成都市", SINCE, model="ALLIANCE_MODEL_ONE_TO_ONE",
                         evidence=evidence("以“一对一”为基本形式,全市21个区县建立11对区域教育联盟"))
        s.member(key, lead, "HELPER", 1, SINCE, county=True, side="MEMBERSHIP_SIDE_FIRST")
        s.member(key, partner, "HELPED", 2, SINCE, county=True, side="MEMBERSHIP_SIDE_SECOND")
        for index, stage in enumerate(STAGES, 1):
            strong, rural = s.school(lead, stage, "lead"), s.school(partner, stage, "rural")
            pair = s.alliance(f"{key}/pair/{index}", "SCHOOL_PAIR", f"{lead}—{partner}第{index}对结对学校（样例）",
                              "成都市", SINCE, parentAllianceId=s.ref(key),
                              model="ALLIANCE_MODEL_ONE_TO_ONE_COMMUNITY")
            s.member(pair, strong, "HELPER", 1, SINCE, side="MEMBERSHIP_SIDE_FIRST")
            s.member(pair, rural, "HELPED", 2, SINCE, side="MEMBERSHIP_SIDE_SECOND")
            pairs.append((key, pair, strong, rural))
    return pairs


def add_exchange(s, pairs):
    """44 cadres, 24 of them principals; 44 reserve cadres; 104 supporting teachers from central places."""
    central = [pair for pair in pairs if pair[2].split("/")[1] in CENTRAL]
    for number, (lead, partner) in enumerate(PAIRS):
        key = f"alliance/regional/{lead}-{partner}"
        sent = s.quota(key, "FIRST", "CADRE_DISPATCH", "选派干部", 4, "全市每年选派优质学校中层及以上干部不少于40人")
        trained = s.quota(key, "SECOND", "RESERVE_CADRE_TRAINING", "后备干部锻炼", 4,
                          "区域联盟间按分配名额和规定期限完成干部交流任务")
        support = None
        if lead in CENTRAL:
            count = sum(1 for index in range(SUPPORTING) if central[index % len(central)][0] == key)
            support = s.quota(key, "FIRST", "SUPPORT_TEACHING", "支教", count,
                              "中心城区每年选派到农村学校支教教师数不低于城乡结对学校专任教师总数的2.5%")
        mine = [pair for pair in pairs if pair[0] == key]
        for index, (_, _, strong, rural) in enumerate(mine):
            principal = number * len(mine) + index < PRINCIPALS
            s.assignment("CADRE_DISPATCH", strong, rural, "PRINCIPAL" if principal else "VICE_PRINCIPAL", key,
                         sent, cadreRank="CADRE_RANK_VICE_PRINCIPAL" if principal else "CADRE_RANK_MID_LEVEL")
            s.assignment("RESERVE_CADRE_TRAINING", rural, strong, "TRAINEE", key, trained, reserveCadre=True)
        for index in range(SUPPORTING if support else 0):
            alliance, _, strong, rural = central[index % len(central)]
            if alliance == key:
                s.assignment("SUPPORT_TEACHING", strong, rural, "TEACHER", key, support,
                             subjects=["SUBJECT_MATHEMATICS" if index % 2 else "SUBJECT_CHINESE"])


def add_remote(s, pairs):
    """A pair of rooms for each pair of schools; three ways of teaching in the first three pairs."""
    quote = "每对结对学校间至少建成1对远程互动教室"
    for _, pair, strong, rural in pairs:
        s.add("13_remote-classroom-pairs", f"{pair}/rooms", allianceId=s.ref(pair), schoolAId=s.ref(strong),
              schoolBId=s.ref(rural), roomA="互动教室1", roomB="互动教室1",
              state="REMOTE_CLASSROOM_PAIR_STATE_IN_SERVICE", installedOn="2014-10-15",
              inServiceOn="2014-11-01", evidence=evidence(quote), synthetic=True)
    for index, (_, pair, strong, rural) in enumerate(pairs[:3]):
        for school in (strong, rural):
            s.add("14_bell-schedules", f"{school}/bells", schoolId=s.ref(school), allianceId=s.ref(pair),
                  periods=[{"number": n, "startsAt": a, "endsAt": b} for n, (a, b) in enumerate(PERIODS, 1)],
                  synthetic=True)
        s.add("15_lesson-teachers", f"{pair}/teacher", schoolId=s.ref(strong), allianceId=s.ref(pair),
              teacherId=f"chengdu-L{index + 1:04}", subjects=["SUBJECT_ENGLISH"], synthetic=True)
        for period, mode in enumerate(MODES, 1):
            lesson = s.add(
                "16_online-lessons", f"{pair}/lesson/{mode.lower()}", allianceId=s.ref(pair),
                senderSchoolId=s.ref(strong), bellScheduleId=s.ref(f"{strong}/bells"),
                lessonTeacherId=s.ref(f"{pair}/teacher"), mode=f"LESSON_MODE_{mode}",
                title=f"远程英语课{period}（样例）", subject="SUBJECT_ENGLISH",
                grade="GRADE_7" if index == 2 else "GRADE_5", className="1班", room="互动教室1",
                lessonDate="2015-03-18", period=period, termId="calendar:2014-2015-2",
                state="ONLINE_LESSON_STATE_LOGGED", loggedOn="2015-03-18", summary="样例教学记录",
                evidence=evidence("通过直播式教学、录播式教学、植入式教学等方式,将优质教育资源辐射到结对学校"), synthetic=True)
            played = {"playsOn": "2015-03-20", "playsFrom": PERIODS[period - 1][0],
                      "playsUntil": PERIODS[period - 1][1]} if mode == "RECORDED" else {}
            s.add("17_lesson-receptions", f"{lesson}/reception", onlineLessonId=s.ref(lesson),
                  receiverSchoolId=s.ref(rural), bellScheduleId=s.ref(f"{rural}/bells"), className="1班",
                  room="互动教室1", state="LESSON_RECEPTION_STATE_HELD", pupilCount=40, synthetic=True,
                  **played)


def main():
    s = Chengdu()
    add_places(s)
    pairs = add_alliances(s)
    add_exchange(s, pairs)
    add_remote(s, pairs)
    s.write()


if __name__ == "__main__":
    main()
