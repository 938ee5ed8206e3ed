#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tools/samples/changyi: schools, delivered lessons and courses of 昌邑市 (潍坊, Shandong).

A report of 2024 counts them, often as more than a number; schools, teachers, lessons and courses are made up,
carry 样例 in their name and are flagged `synthetic`. The school year is 2023-2024.
"""

from sample import ROOT, Sample, evidence_of

SINCE = "2021-09-01"  # First day of everything made up.
SCHOOLS = 69  # Compulsory ones: 9 urban, 60 rural; two urban ones lead a community of three rural ones each.
URBAN = 9
PANELS = 1610
AFTER_SCHOOL, PUPILS = 702, 72  # Courses, and pupils of each: 50,544.
HOLIDAY, VENUES = 33, 3  # Courses, and venues opened for each: 99 are nearly 100.
NAMED, NAMED_ON_RECORD = 40, 41  # 40余: more than 40, so that one more may be on record.
RED = [("2023-09-21", 17), ("2023-10-19", 17), ("2023-11-16", 17), ("2024-03-21", 17), ("2024-04-18", 17),
       ("2024-05-23", 17)]  # 102 sessions.
PERIODS = [("08:10", "08:50"), ("09:00", "09:40"), ("10:00", "10:40"), ("10:50", "11:30")]
PAPER = {"title": "力补短板 城乡共进", "datedOn": "2024-06-07"}
evidence = evidence_of(PAPER)


def school(index):
    return f"school/{index % SCHOOLS + 1:02}"


def community(index):
    """Key, lead and the three rural schools of a community."""
    return f"alliance/community/{index + 1}", school(index), [school(URBAN + index * 3 + n) for n in range(3)]


def add_registry(s):
    s.jurisdiction("山东省", "PROVINCE", "PROVINCE", "山东省", ROOT, "370000")
    s.jurisdiction("潍坊市", "CITY", "CITY", "潍坊市", "山东省", "370700")
    s.jurisdiction("昌邑市", "COUNTY", "COUNTY", "昌邑市", "潍坊市", "370786", bureauName="昌邑市教育和体育局")
    for index in range(SCHOOLS):
        junior = index % 5 == 4
        urban = "URBAN_CORE" if index < URBAN else "TOWNSHIP_CENTRE" if index % 2 else "VILLAGE"
        tier = [{"tier": "QUALITY_TIER_QUALITY", "validFrom": SINCE, "source": "样例"}]
        s.organisation(school(index), "SCHOOL", f"昌邑市第{index + 1}{'初级中学' if junior else '小学'}（样例）", "昌邑市",
                       schoolType=f"SCHOOL_TYPE_{'JUNIOR' if junior else 'PRIMARY'}",
                       stages=[f"STAGE_{'JUNIOR' if junior else 'PRIMARY'}"], ownership="OWNERSHIP_PUBLIC",
                       affiliation=f"AFFILIATION_{'COUNTY_DIRECT' if index < URBAN else 'TOWNSHIP'}",
                       urbanRuralClass=f"URBAN_RURAL_CLASS_{urban}", synthetic=True,
                       qualityTier=tier if index < URBAN else None)
    for index in range(2):
        key, lead, members = community(index)
        s.alliance(key, "SCHOOL_COMMUNITY", f"第{index + 1}“城区名校+农村学校”发展共同体（样例）", "昌邑市", SINCE,
                   model="ALLIANCE_MODEL_ONE_PLUS_X",
                   evidence=evidence("组建“城区名校+农村学校”发展共同体,促进优质教育资源共建共享"))
        s.member(key, lead, "URBAN_LEAD", 1, SINCE)
        for position, member in enumerate(members, 2):
            s.member(key, member, "RURAL_SCHOOL", position, SINCE)


def add_teachers(s):
    """More than 40 named ones; and one with a failed ethics year, whose nomination can come to nothing."""
    programme = s.add("10_talent-programmes", "talent/named", name="名师名校长培育（样例）",
                      kind="TALENT_PROGRAMME_KIND_NAMED_TEACHERS", jurisdictionId=s.ref("昌邑市"),
                      level="DEVELOPMENT_LEVEL_PROVINCE", state="GROUP_STATE_ACTIVE", synthetic=True)
    quote = "目前已有40余名教师入选国家、省级名师名校长"
    cohort = s.add("11_talent-cohorts", "talent/named/cohort", talentProgrammeId=s.ref(programme),
                   targetGroup="TALENT_GROUP_NAMED_TEACHERS", distinctPersonCount=NAMED,
                   distinctPersonCountComparison="COMPARISON_MORE_THAN", evidence=evidence(quote))
    for index in range(NAMED_ON_RECORD + 1):
        named = index < NAMED_ON_RECORD
        teacher = s.add("12_teachers", f"teacher/{index + 1:02}", personRef=f"changyi-T{index + 1:04}",
                        schoolId=s.ref(school(index)), synthetic=True,
                        masterLevel="RECOGNITION_LEVEL_PROVINCE" if named else None)
        if named:
            s.add("13_talent-members", f"talent/named/{teacher}", talentProgrammeId=s.ref(programme),
                  talentCohortId=s.ref(cohort), teacherId=s.ref(teacher), state="GROUP_MEMBER_STATE_ACTIVE",
                  joinedOn=SINCE, synthetic=True)
    s.add("14_ethics-results", "ethics/2023", teacherId=s.ref(teacher), year=2023,
          outcome="ETHICS_OUTCOME_FAILED", jurisdictionId=s.ref("昌邑市"), decidedOn="2023-12-20",
          synthetic=True)
    s.add("15_assignments", "assignment/vetoed", teacherId=s.ref(teacher),
          type="ASSIGNMENT_TYPE_POST_EXCHANGE", fromSchoolId=s.ref(school(NAMED_ON_RECORD)),
          toSchoolId=s.ref(school(0)),
          hostRole="HOST_ROLE_TEACHER", state="ASSIGNMENT_STATE_NOMINATED", plannedFrom="2024-09-01",
          plannedUntil="2026-08-31", weeklySharePercent=100, synthetic=True,
          evidence=evidence("严格落实师德考核前置审核和“一票否决”制度"))


def add_research(s):
    for number, (day, sessions) in enumerate(RED):
        key, lead, members = community(number % 2)
        s.activity(16, f"activity/red/{number + 1}", key, [lead, *members], day,
                   category="JOINT_ACTIVITY_CATEGORY_PARTY_BUILDING", type="JOINT_ACTIVITY_TYPE_OTHER",
                   title="红色研学活动（样例）", termId=f"calendar:2023-2024-{1 if day < '2024' else 2}",
                   sessionCount=sessions, evidence=evidence("红色研学活动100余场"))
    s.add("18_practice-models", "model/1234", kind="PRACTICE_MODEL_KIND_WORKING_METHOD", code="1234",
          name="“1234”教育工作法", unitKind="UNIT_KIND_JURISDICTION", unitId=s.ref("昌邑市"),
          evidence=evidence("探索“1234”教育工作法"))


def add_lessons(s):
    quote = "有6所乡村学校的学生可以通过“专递课堂”,同步参与城区优质学校教师的现场教学"
    for index in range(2):
        key, lead, members = community(index)
        for one in [lead, *members]:
            s.add("20_bell-schedules", f"{one}/bells", schoolId=s.ref(one), allianceId=s.ref(key),
                  periods=[{"number": n, "startsAt": a, "endsAt": b} for n, (a, b) in enumerate(PERIODS, 1)],
                  synthetic=True)
        s.add("21_lesson-teachers", f"{lead}/teacher", schoolId=s.ref(lead), allianceId=s.ref(key),
              teacherId=f"changyi-L{index + 1:04}", subjects=["SUBJECT_MUSIC"], synthetic=True)
        for week, day in enumerate(["2024-03-13", "2024-03-20"], 1):
            lesson = s.add("22_online-lessons", f"{key}/lesson/{week}", allianceId=s.ref(key),
                           senderSchoolId=s.ref(lead), bellScheduleId=s.ref(f"{lead}/bells"),
                           lessonTeacherId=s.ref(f"{lead}/teacher"), mode="LESSON_MODE_DELIVERED",
                           title=f"专递课堂音乐课{week}（样例）", subject="SUBJECT_MUSIC", grade="GRADE_3",
                           className="1班", room="录播教室", lessonDate=day, period=3,
                           termId="calendar:2023-2024-2", state="ONLINE_LESSON_STATE_LOGGED", loggedOn=day,
                           summary="样例教学记录", evidence=evidence(quote), synthetic=True)
            for member in members:
                s.add("23_lesson-receptions", f"{lesson}/{member}", onlineLessonId=s.ref(lesson),
                      receiverSchoolId=s.ref(member), bellScheduleId=s.ref(f"{member}/bells"), className="1班",
                      room="多媒体教室", state="LESSON_RECEPTION_STATE_HELD", pupilCount=32, synthetic=True)


def add_resources(s, year):
    for index in range(SCHOOLS):
        panels = PANELS // SCHOOLS + (index < PANELS % SCHOOLS)
        s.add("24_equipment-facts", f"{school(index)}/2023", schoolId=s.ref(school(index)), schoolYearId=year,
              countedOn="2024-05-31", touchPanelCount=panels, source=PAPER["title"], synthetic=True)
    for index in range(AFTER_SCHOOL):
        s.add("25_courses", f"course/after-school/{index + 1:03}", schoolId=s.ref(school(index)),
              schoolYearId=year, name=f"课后服务课程{index // SCHOOLS + 1}（样例）",
              category="COURSE_CATEGORY_AFTER_SCHOOL", pupilCount=PUPILS, state="COURSE_STATE_CLOSED",
              openedOn="2023-09-11", closedOn="2024-06-28", synthetic=True)
    for index in range(HOLIDAY):
        s.add("25_courses", f"course/holiday-care/{index + 1:02}", schoolId=s.ref(school(index)),
              schoolYearId=year, name="暑期托管服务（样例）", category="COURSE_CATEGORY_HOLIDAY_CARE",
              venueCount=VENUES, state="COURSE_STATE_OPEN", openedOn="2024-07-08", synthetic=True)


def main():
    s = Sample("changyi")
    year = s.school_year(2023)
    add_registry(s)
    add_teachers(s)
    add_research(s)
    add_lessons(s)
    add_resources(s, year)
    s.write()


if __name__ == "__main__":
    main()
