#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tools/samples/beijing: 西中街小学 and 北新桥小学 of 东城区, two schools that one principal leads.

What a report of about 2011 tells of them is real: allied since 2010-07, backbone teachers who teach in the
other school, then a joint timetable (联排课表), and this September joint hiring, merged grade groups and a fifth
grade that learns at 西中街 as 五年级5班. The report does not name its year; 2011-2012 is taken. Teachers and
lessons are made up and flagged `synthetic`.
"""

from sample import ROOT, Sample, evidence_of

LEAD, SMALL = "西中街小学", "北新桥小学"
PAIR = "alliance/西中街-北新桥"
PERIODS = [("08:30", "09:10"), ("09:20", "10:00"), ("10:30", "11:10"), ("11:20", "12:00")]
# Opaque teachers by school and subject; 4 classes share 6 of them without a clash.
TEACHERS = [(LEAD, "CHINESE"), (LEAD, "MATHEMATICS"), (LEAD, "ENGLISH"), (LEAD, "MUSIC"),
            (SMALL, "SCIENCE"), (SMALL, "PHYSICAL_EDUCATION")]
CLASSES = [(LEAD, "GRADE_5", "五年级4班"), (LEAD, "GRADE_5", "五年级5班"), (SMALL, "GRADE_4", "四年级1班"),
           (SMALL, "GRADE_6", "六年级1班")]
PAPER = {"title": "实现义务教育优质均衡的N条路径"}
evidence = evidence_of(PAPER)


def add_places(s):
    s.jurisdiction("北京市", "PROVINCE", "PROVINCE", "北京市", ROOT, "110000", bureauName="北京市教育委员会")
    s.jurisdiction("市辖区", "CITY", "CITY", "市辖区", "北京市", "110100")
    s.jurisdiction("东城区", "COUNTY", "COUNTY", "东城区", "市辖区", "110101", bureauName="东城区教育委员会")
    source = PAPER["title"]
    for name, more in [(LEAD, {"qualityTier": [{"tier": "QUALITY_TIER_QUALITY", "source": source}]}),
                       (SMALL, {"isSmall": [{"source": source}]})]:
        s.organisation(f"school/{name}", "SCHOOL", name, "东城区", schoolType="SCHOOL_TYPE_PRIMARY",
                       stages=["STAGE_PRIMARY"], ownership="OWNERSHIP_PUBLIC",
                       affiliation="AFFILIATION_COUNTY_DIRECT",
                       urbanRuralClass="URBAN_RURAL_CLASS_URBAN_CORE", **more)


def add_pair(s):
    since = {"foundedOn": "2010-07-01", "activeOn": "2010-07-01", "startPrecision": "DATE_PRECISION_MONTH"}
    s.add("03_alliances", PAIR, name=f"{LEAD}—{SMALL}联盟校", type="ALLIANCE_TYPE_SHARED_PRINCIPAL_PAIR",
          jurisdictionId=s.ref("东城区"), state="ALLIANCE_STATE_ACTIVE", model="ALLIANCE_MODEL_ONE_TO_ONE",
          features=["ALLIANCE_FEATURE_JOINT_TIMETABLE", "ALLIANCE_FEATURE_JOINT_HIRING",
                    "ALLIANCE_FEATURE_MERGED_GRADE_GROUP"],
          evidence=evidence("随后,两校共同实行联排课表、互派教师。"), **since)
    for position, (name, role) in enumerate([(LEAD, "LEAD_SCHOOL"), (SMALL, "MEMBER")], 1):
        s.add("04_memberships", f"{PAIR}/{name}", allianceId=s.ref(PAIR),
              organisationId=s.ref(f"school/{name}"), role=f"MEMBERSHIP_ROLE_{role}", position=position,
              state="MEMBERSHIP_STATE_ACTIVE", joinedOn=since["foundedOn"],
              startPrecision=since["startPrecision"])


def add_facts(s):
    year = s.school_year(2010)
    s.add("08_fact-submissions", "facts/东城区", jurisdictionId=s.ref("东城区"), schoolYearId=year,
          source=PAPER["title"])
    for name, figures in [(LEAD, {"backboneTeachers": 16}), (SMALL, {"classes": 6, "pupils": 101})]:
        s.add("09_school-year-facts", f"facts/{name}", submissionId=s.ref("facts/东城区"),
              organisationId=s.ref(f"school/{name}"), schoolYearId=year, stage="STAGE_PRIMARY",
              source="“学生100余人”记作101" if name == SMALL else PAPER["title"], **figures)


def add_exchange(s):
    """Two backbone teachers full-time at 北新桥 in 2010-2011; all six for both schools from 2011-09 on."""
    quotes = {"CROSS_SCHOOL_TEACHING": "西中街小学先是选派骨干教师进入北新桥小学全职跨校任课。",
              "JOINT_HIRING": "两校又进一步实行干部、教师联聘,建立同一校区内的大年级组制。"}
    for number, (school, subject) in enumerate(TEACHERS, 1):
        backbone = {"backboneLevel": "RECOGNITION_LEVEL_COUNTY"} if school == LEAD else {}
        key = s.add("10_teachers", f"teacher/{number}", personRef=f"beijing-T{number:04}",
                    schoolId=s.ref(f"school/{school}"), stages=["STAGE_PRIMARY"],
                    subjects=[f"SUBJECT_{subject}"], synthetic=True, **backbone)
        terms = [("JOINT_HIRING", 50, "2011-09-01", "2012-08-31")]
        if number <= 2:
            terms.append(("CROSS_SCHOOL_TEACHING", 100, "2010-09-01", "2011-08-31"))
        for type_, share, first, last in terms:
            host = SMALL if school == LEAD else LEAD
            s.add("11_assignments", f"{key}/{type_.lower()}", teacherId=s.ref(key),
                  type=f"ASSIGNMENT_TYPE_{type_}", fromSchoolId=s.ref(f"school/{school}"),
                  toSchoolId=s.ref(f"school/{host}"), hostRole="HOST_ROLE_TEACHER",
                  subject=f"SUBJECT_{subject}", stage="STAGE_PRIMARY", state="ASSIGNMENT_STATE_COMPLETED",
                  plannedFrom=first, plannedUntil=last, startedOn=first, endedOn=last,
                  weeklySharePercent=share, allianceId=s.ref(PAIR), evidence=evidence(quotes[type_]),
                  synthetic=True)


def add_timetable(s):
    s.school_year(2011)
    table = s.add("12_joint-timetables", "timetable/2011-2012-1", allianceId=s.ref(PAIR),
                  termId="calendar:2011-2012-1", title=f"{LEAD}、{SMALL}联排课表（样例）",
                  state="JOINT_TIMETABLE_STATE_PUBLISHED", publishedOn="2011-09-01",
                  evidence=evidence("随后,两校共同实行联排课表、互派教师。"), synthetic=True)
    for number, (school, subject) in enumerate(TEACHERS, 1):
        s.add("13_timetable-teachers", f"{table}/{number}", jointTimetableId=s.ref(table),
              organisationId=s.ref(f"school/{school}"), teacherRef=f"beijing-T{number:04}",
              subjects=[f"SUBJECT_{subject}"], synthetic=True)
    for index, (school, grade, name) in enumerate(CLASSES):
        for day in range(1, 6):
            for period, (start, end) in enumerate(PERIODS, 1):
                teacher = (index + day + period) % len(TEACHERS)
                s.add("14_timetable-lessons", f"{table}/{name}/{day}/{period}", jointTimetableId=s.ref(table),
                      weekday=day, period=period, startsAt=start, endsAt=end,
                      timetableTeacherId=s.ref(f"{table}/{teacher + 1}"),
                      organisationId=s.ref(f"school/{school}"), grade=grade, className=name,
                      subject=f"SUBJECT_{TEACHERS[teacher][1]}", room=f"{name}教室", synthetic=True)
    s.add("15_class-placements", "placement/五年级5班", allianceId=s.ref(PAIR),
          homeOrganisationId=s.ref(f"school/{SMALL}"), hostOrganisationId=s.ref(f"school/{LEAD}"),
          schoolYear="2011-2012", grade="GRADE_5", classCount=1, newClassName="5班",
          state="CLASS_PLACEMENT_STATE_RUNNING", agreedOn="2011-07-01", startsOn="2011-09-01",
          evidence=evidence("班级名称也由原先的“北新桥小学五年级班”改为“西中街小学五年级5班”。"))


def main():
    s = Sample("beijing")
    add_places(s)
    add_pair(s)
    add_facts(s)
    add_exchange(s)
    add_timetable(s)
    s.write()


if __name__ == "__main__":
    main()
