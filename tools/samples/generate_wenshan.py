#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tools/samples/wenshan: the second school district (第二学区) of Wenshan (文山市) in the first term of
2021–2022, as its own account of May 2022 describes it.

Places, schools and the bureau are real; persons, days and everything that the account only counts are made
up and flagged `synthetic`, so that lists and statistics come out at its figures (README.md says how). The
output is committed; run this again only after changing it.
"""

from sample import CALENDAR, ROOT, Sample, evidence_of

SINCE = "2021-09-01"  # 自2021年9月: known to the month.
TERM, TERM_ENDS = "2021-2022-1", "2022-01-31"
YEAR_ENDS = "2022-07-15"  # Last day of what ran for the school year.
REPORTED, VERIFIED = "2022-01-20", "2022-01-27"
DISTRICT = "alliance/第二学区"
JUNIOR_HEAD, PRIMARY_HEAD = "school/文山市第三中学", "school/文山第一小学"
XIAOJIE, LAOHUILONG, ZHUILIJIE = ("school/小街镇中心学校", "school/薄竹镇老回龙中心学校",
                                  "school/追栗街镇中心学校")
BOZHU = "school/薄竹镇中心学校"  # Named among the participants, not among the members.
PAPER = {"title": "建章立制,扬长补短,共建共享——文山市第二学区城乡联盟式办学暨乡村教育振兴典型经验材料",
         "issuer": "文山市教育体育局", "datedOn": "2022-05-11"}
evidence = evidence_of(PAPER)
GRADES = ["GRADE_7", "GRADE_8", "GRADE_9"]
SUBJECTS = ["CHINESE", "MATHEMATICS", "ENGLISH", "MORALITY_AND_LAW", "HISTORY", "GEOGRAPHY", "PHYSICS",
            "CHEMISTRY", "BIOLOGY", "INFORMATION_TECHNOLOGY", "PHYSICAL_EDUCATION", "MUSIC", "FINE_ART"]
MORE = "COMPARISON_MORE_THAN"


def subject(name):
    return f"SUBJECT_{name}"


class Wenshan(Sample):
    def __init__(self):
        super().__init__("wenshan")
        self.teacher_count = 0

    def teachers(self, school, stage, count, subjects, **more):
        """So many made-up teachers of a school, without names; returns their keys."""
        keys = []
        for index in range(count):
            self.teacher_count += 1
            key = f"T{self.teacher_count:04}"
            keys.append(self.add("10_teachers", key, personRef=f"WS-{key}", schoolId=self.ref(school),
                                 stages=[f"STAGE_{stage}"], synthetic=True,
                                 subjects=[subject(subjects[index % len(subjects)])], **more))
        return keys

    def pair(self, key, mentor, schools, apprentices, stage, field, since, ended):
        """A pair that ran from `since` to `ended`; `schools`: the mentor's and the apprentices'."""
        self.add("11_mentor-pairs", key, mentorId=self.ref(mentor), mentorSchoolId=self.ref(schools[0]),
                 apprenticeSchoolId=self.ref(schools[1]), allianceId=self.ref(DISTRICT),
                 subject=subject(field), stage=f"STAGE_{stage}", state="MENTOR_PAIR_STATE_ENDED",
                 signedOn=since, startedOn=since, assessedOn=ended, endedOn=ended,
                 result="MENTORING_RESULT_QUALIFIED", synthetic=True)
        for teacher in apprentices:
            self.add("12_mentor-apprentices", f"{key}/{teacher}", mentorPairId=self.ref(key),
                     teacherId=self.ref(teacher), synthetic=True)

    def assignment(self, key, teacher, type_, schools, role, share, planned, ended, quote, stage):
        """`planned`: first and last day as planned."""
        self.add("13_assignments", key, teacherId=self.ref(teacher), type=f"ASSIGNMENT_TYPE_{type_}",
                 fromSchoolId=self.ref(schools[0]), toSchoolId=self.ref(schools[1]),
                 hostRole=f"HOST_ROLE_{role}", stage=f"STAGE_{stage}", state="ASSIGNMENT_STATE_COMPLETED",
                 plannedFrom=planned[0], plannedUntil=planned[1], startedOn=planned[0], endedOn=ended,
                 weeklySharePercent=share, allianceId=self.ref(DISTRICT), evidence=evidence(quote),
                 synthetic=True)

    def training(self, key, kind, audience, title, host, days, stages, quote, **figures):
        self.add("14_trainings", key, title=title, kind=f"TRAINING_KIND_{kind}",
                 audience=f"TRAINING_AUDIENCE_{audience}", hostOrganisationId=self.ref(host),
                 allianceId=self.ref(DISTRICT), jurisdictionId=self.ref("文山市"), termId=f"{CALENDAR}:{TERM}",
                 startedOn=days[0], endedOn=days[1], mode="PARTICIPATION_MODE_ON_SITE",
                 stages=[f"STAGE_{stage}" for stage in stages], state="TRAINING_STATE_VERIFIED",
                 reportedOn=REPORTED, verifiedOn=VERIFIED, evidence=evidence(quote), synthetic=True,
                 **figures)

    def activity(self, key, type_, title, stage, days, mode, quote, parties, times=False, **figures):
        """Verified, with parties that confirmed. `parties`: school to persons (person-times if `times`)."""
        host = next(iter(parties))
        self.add("20_joint-activities", key, allianceId=self.ref(DISTRICT),
                 category="JOINT_ACTIVITY_CATEGORY_TEACHING_RESEARCH", type=f"JOINT_ACTIVITY_TYPE_{type_}",
                 title=title, termId=f"{CALENDAR}:{TERM}", startsOn=days[0], endsOn=days[1],
                 hostOrganisationId=self.ref(host), mode=f"JOINT_ACTIVITY_MODE_{mode}",
                 stages=[f"STAGE_{stage}"], state="JOINT_ACTIVITY_STATE_VERIFIED", reportedOn=REPORTED,
                 verifiedOn=VERIFIED, evidence=evidence(quote), synthetic=True, **figures)
        for school, count in parties.items():
            counted = {"personTimeCount" if times else "distinctPersonCount": count} if count else {}
            self.add("21_activity-parties", f"{key}/{school}", jointActivityId=self.ref(key),
                     organisationId=self.ref(school), state="ACTIVITY_PARTY_STATE_CONFIRMED",
                     confirmedOn=days[1], synthetic=True, **counted)

    def rank(self, key, unit, scope, rank, measure, quote, before=None, **series):
        """A rank in the term; with `before`, also the one before the recorded terms."""
        kind = "ALLIANCE" if unit == DISTRICT else "ORGANISATION"
        fixed = dict(series, unitKind=f"UNIT_KIND_{kind}", unitId=self.ref(unit), rankingScope=scope,
                     scopeJurisdictionId=self.ref("文山市"), measure=f"RANK_MEASURE_{measure}",
                     evidence=evidence(quote))
        if before:
            self.add("24_ranking-records", f"{key}/before", rank=before, **fixed)
        self.add("24_ranking-records", key, rank=rank, term=TERM,
                 comparedWithId=self.ref(before and f"{key}/before"), **fixed)


def add_registry(s):
    s.jurisdiction("云南省", "PROVINCE", "PROVINCE", "云南省", ROOT, "530000")
    s.jurisdiction("文山州", "CITY", "CITY", "文山壮族苗族自治州", "云南省", "532600")
    s.jurisdiction("文山市", "COUNTY", "COUNTY", "文山市", "文山州", "532601", bureauName="文山市教育体育局")
    s.organisation("office/文山市教育体育局", "EDUCATION_BUREAU", "文山市教育体育局", "文山市")
    for key, type_, stages, urban in [
            (JUNIOR_HEAD, "JUNIOR", ["JUNIOR"], "URBAN_CORE"),
            (PRIMARY_HEAD, "PRIMARY", ["PRIMARY"], "URBAN_CORE"),
            (XIAOJIE, "NINE_YEAR", ["PRIMARY", "JUNIOR"], "TOWNSHIP_CENTRE"),
            (LAOHUILONG, "NINE_YEAR", ["PRIMARY", "JUNIOR"], "TOWNSHIP_CENTRE"),
            (ZHUILIJIE, "NINE_YEAR", ["PRIMARY", "JUNIOR"], "TOWNSHIP_CENTRE"),
            (BOZHU, "NINE_YEAR", ["PRIMARY", "JUNIOR"], "TOWNSHIP_CENTRE")]:
        s.organisation(key, "SCHOOL", key.split("/")[1], "文山市", schoolType=f"SCHOOL_TYPE_{type_}",
                       stages=[f"STAGE_{stage}" for stage in stages], ownership="OWNERSHIP_PUBLIC",
                       affiliation="AFFILIATION_COUNTY_DIRECT", urbanRuralClass=f"URBAN_RURAL_CLASS_{urban}")
    start = {"startPrecision": "DATE_PRECISION_MONTH"}
    s.add("03_alliances", DISTRICT, name="文山市学区化办学第二学区", type="ALLIANCE_TYPE_SCHOOL_DISTRICT",
          jurisdictionId=s.ref("文山市"), state="ALLIANCE_STATE_ACTIVE", activeOn=SINCE,
          stages=["STAGE_PRIMARY", "STAGE_JUNIOR"],
          evidence=evidence("自2021年9月与小街镇中心学校开展学区化办学以来"), **start)
    roles = [(JUNIOR_HEAD, "DISTRICT_HEAD", "JUNIOR"), (PRIMARY_HEAD, "DISTRICT_HEAD", "PRIMARY"),
             (XIAOJIE, "MEMBER", None), (LAOHUILONG, "MEMBER", None), (ZHUILIJIE, "MEMBER", None)]
    for position, (school, role, stage) in enumerate(roles, 1):
        s.add("04_memberships", f"{DISTRICT}/{school}", allianceId=s.ref(DISTRICT),
              organisationId=s.ref(school), role=f"MEMBERSHIP_ROLE_{role}", position=position,
              state="MEMBERSHIP_STATE_ACTIVE", joinedOn=SINCE, stages=stage and [f"STAGE_{stage}"], **start)
    s.school_year(2021)


def add_papers(s):
    """Leading group, survey group and the goals of three years (WS-08)."""
    seats = [("HEAD", "校长"), ("DEPUTY_HEAD", "分管领导"),
             ("MEMBER", "中层干部、教研组长、优秀骨干教师、乡镇及完小校长")]
    for key, kind, name, quote, sitting in [
            ("body/领导小组", "LEADING_GROUP", "学区化办学领导小组",
             "成立“学区化办学领导小组”,校长为组长,分管领导为副组长", seats),
            ("body/调研小组", "SURVEY_GROUP", "学区化办学调研小组",
             "成立以校长为组长,分管领导为成员的调研小组", [("HEAD", "校长"), ("MEMBER", "分管领导")])]:
        s.add("05_governing-bodies", key, kind=f"GOVERNING_BODY_KIND_{kind}", name=name,
              level="GOVERNANCE_LEVEL_ALLIANCE", jurisdictionId=s.ref("文山市"), allianceId=s.ref(DISTRICT),
              seats=[{"role": f"SEAT_ROLE_{role}", "post": post} for role, post in sitting],
              evidence=evidence(quote))
    s.add("08_development-plans", "plan/实施方案", allianceId=s.ref(DISTRICT), title="学区化办学实施方案（三年目标）",
          state="PLAN_STATE_AGREED", startsOn=SINCE, endsOn="2024-08-31",
          evidence=evidence("制定学区化办学实施方案,完善各项规章制度,建立健全内部机构组织规则,"
                            "形成健全统一的制度体系,明确三年目标"))


def add_mentoring(s):
    """30 pairs of the junior segment for the term; 200 of the primary segment, 15 with two apprentices."""
    mentors = s.teachers(JUNIOR_HEAD, "JUNIOR", 30, SUBJECTS)
    apprentices = s.teachers(ZHUILIJIE, "JUNIOR", 30, SUBJECTS)
    for index, (mentor, apprentice) in enumerate(zip(mentors, apprentices)):
        s.pair(f"pair/junior/{index + 1:02}", mentor, (JUNIOR_HEAD, ZHUILIJIE), [apprentice], "JUNIOR",
               SUBJECTS[index % len(SUBJECTS)], "2021-09-13", "2022-01-14")
    fields = ["CHINESE", "MATHEMATICS"]
    mentors = s.teachers(PRIMARY_HEAD, "PRIMARY", 124, fields)
    town = {}
    for school, pairs, doubles in [(XIAOJIE, 76, 5), (LAOHUILONG, 124, 10)]:
        town[school] = s.teachers(school, "PRIMARY", pairs + doubles, fields)
        for index in range(pairs):  # The first ones have a second apprentice, from the end of the list.
            mine = [town[school][index], *town[school][pairs + index:pairs + index + 1]]
            s.pair(f"pair/primary/{school.split('/')[1]}/{index + 1:03}", mentors[index],
                   (PRIMARY_HEAD, school), mine, "PRIMARY", fields[index % 2], "2021-10-11", YEAR_ENDS)
    return town


def add_assignments(s, town):
    """4 sent down to 小街, 5 up to 市三中, 84 shadowing at 市一小 in two rounds."""
    year = (SINCE, YEAR_ENDS)
    quote = "文山市第三中学、文山市第一小学各选派一名校级领导到小街中心学校兼任副校长"
    for school, stage in [(JUNIOR_HEAD, "JUNIOR"), (PRIMARY_HEAD, "PRIMARY")]:
        leader, = s.teachers(school, stage, 1, ["CHINESE"], cadreRank="CADRE_RANK_VICE_PRINCIPAL")
        s.assignment(f"assignment/vice-principal/{stage.lower()}", leader, "CONCURRENT_VICE_PRINCIPAL",
                     (school, XIAOJIE), "VICE_PRINCIPAL", 20, year, YEAR_ENDS, quote, stage)
    backbone = s.teachers(PRIMARY_HEAD, "PRIMARY", 2, ["CHINESE", "MATHEMATICS"],
                          backboneLevel="RECOGNITION_LEVEL_COUNTY")
    for teacher, until in zip(backbone, ["2023-08-31", "2024-08-31"]):  # 任教时间2-3年.
        s.assignment(f"assignment/post/{until[:4]}", teacher, "POST_EXCHANGE", (PRIMARY_HEAD, XIAOJIE),
                     "TEACHER", 100, (SINCE, until), until, "市一小选派2名骨干教师交流到小街学校任教", "PRIMARY")
    up = s.teachers(XIAOJIE, "JUNIOR", 5, SUBJECTS)
    for index, teacher in enumerate(up[:3]):
        s.assignment(f"assignment/embedded/{index + 1}", teacher, "EMBEDDED_TEACHING", (XIAOJIE, JUNIOR_HEAD),
                     "TEACHER", 100, year, YEAR_ENDS, "3名小街中心校的老师在市三中进行渗透式教育教学工作", "JUNIOR")
    for index, teacher in enumerate(up[3:]):
        s.assignment(f"assignment/shadowing/junior/{index + 1}", teacher, "SHADOWING", (XIAOJIE, JUNIOR_HEAD),
                     "TRAINEE", 100, (SINCE, TERM_ENDS), TERM_ENDS, "从乡镇选派5人到学区跟岗学习", "JUNIOR")
    trainees = [(XIAOJIE, t) for t in town[XIAOJIE][:32]] + [(LAOHUILONG, t) for t in town[LAOHUILONG][:52]]
    rounds = [("2021-10-18", "2021-10-22"), ("2021-12-06", "2021-12-10")]
    for index, (school, teacher) in enumerate(trainees):
        days = rounds[index % 2]
        s.assignment(f"assignment/shadowing/primary/{index + 1:02}", teacher, "SHADOWING",
                     (school, PRIMARY_HEAD), "TRAINEE", 100, days, days[1], "跟岗学习教师80余人", "PRIMARY")
    for index, days in enumerate(rounds):
        s.training(f"training/shadowing/{index + 1}", "SHADOWING", "TOWN_TEACHERS",
                   f"乡镇教师跟岗培训第{index + 1}期（样例）", PRIMARY_HEAD, days, ["PRIMARY"],
                   "每个学期组织乡镇教师进行两次以上跟岗培训", sessionCount=1, dayCount=5,
                   distinctPersonCount=len(trainees) // 2,
                   topics=["TRAINING_TOPIC_ETHICS", "TRAINING_TOPIC_RESEARCH_MODES"])


def add_trainings(s):
    s.training("training/junior/exam", "COMMON_KNOWLEDGE_TEST", "WEAK_SUBJECT_TEACHERS", "薄弱学科教师通识考试",
               JUNIOR_HEAD, ("2021-11-20", "2021-11-20"), ["JUNIOR"], "举行薄弱学科教师通识考试一次38人",
               sessionCount=1, distinctPersonCount=38, personTimeCount=38)
    s.training("training/primary/several", "SEVERAL", "ALL_TEACHERS", "各种德育、教学培训",
               PRIMARY_HEAD, ("2021-09-04", "2022-01-08"), ["PRIMARY"],
               "开展各种德育、教学培训共4次,跟岗学习教师80余人,全员培训共计11天,学生受益共计1177人",
               trainingCount=4, reachedPupilCount=1177,
               topics=["TRAINING_TOPIC_MORAL_EDUCATION"])
    s.training("training/primary/all-staff", "ALL_STAFF", "ALL_TEACHERS", "全员培训",
               PRIMARY_HEAD, ("2021-09-04", "2022-01-08"), ["PRIMARY"], "全员培训共计11天", dayCount=11)


def add_junior_activities(s):
    s.activity("activity/junior/lectures", "LECTURE", "专题讲座", "JUNIOR", ("2021-09-17", "2022-01-07"),
               "OFFLINE", "开展专题讲座5次", {JUNIOR_HEAD: None, XIAOJIE: None, ZHUILIJIE: None}, sessionCount=5)
    s.activity("activity/junior/outreach", "OUTREACH_LESSON", "送课下乡", "JUNIOR", ("2021-09-23", "2021-12-30"),
               "OFFLINE", "送课下乡11节", {JUNIOR_HEAD: None, XIAOJIE: None, LAOHUILONG: None}, lessonCount=11)
    s.activity("activity/junior/research", "RESEARCH_OBSERVATION", "集体教研观摩、展示课、听评课", "JUNIOR",
               ("2021-09-14", "2022-01-06"), "OFFLINE", "涉及三个年级13个学科,280余名教师参与",
               {JUNIOR_HEAD: 126, XIAOJIE: 55, LAOHUILONG: 53, ZHUILIJIE: 50}, grades=GRADES,
               subjects=[subject(name) for name in SUBJECTS], distinctPersonCount=280,
               distinctPersonCountComparison=MORE)
    s.activity("activity/junior/preparation", "COLLECTIVE_PREPARATION", "线上线下学区联盟集体备课", "JUNIOR",
               ("2021-09-04", "2021-09-05"), "MIXED", "集体备课两天共267名教师参与",
               {JUNIOR_HEAD: 120, XIAOJIE: 52, LAOHUILONG: 50, ZHUILIJIE: 45}, dayCount=2,
               distinctPersonCount=267)
    s.activity("activity/junior/review", "LESSON_OBSERVATION_AND_REVIEW", "集体教研、课堂展示、课后评课示范活动",
               "JUNIOR", ("2021-09-06", "2021-09-30"), "MIXED", "共计300余人次参与",
               {JUNIOR_HEAD: 120, XIAOJIE: 70, BOZHU: 64, ZHUILIJIE: 58}, times=True, personTimeCount=300,
               personTimeCountComparison=MORE)


def add_primary_activities(s):
    """As many as WS-01 to WS-04 ask for in a term."""
    for type_, days, title, quote in [
            ("COLLECTIVE_PREPARATION", ["2021-09-22", "2021-10-27", "2021-12-01"], "备课教学研究",
             "每学期开展3次备课教学研究工作"),
            ("CLASSROOM_TEACHING_RESEARCH", ["2021-10-13", "2021-11-24"], "课堂教学专题研究",
             "开展2次以上以课堂教学为专题的研究活动"),
            ("EXPERIENCE_MEETING", ["2022-01-05"], "教学经验交流会", "开展1次以上教学经验交流会"),
            ("LESSON_RATIONALE", ["2021-11-10"], "说课教研活动", "开展1次以上说课教研活动")]:
        for index, day in enumerate(days):
            s.activity(f"activity/primary/{type_.lower()}/{index + 1}", type_, f"{title}（样例{index + 1}）",
                       "PRIMARY", (day, day), "OFFLINE", quote,
                       {PRIMARY_HEAD: 24, XIAOJIE: 14, LAOHUILONG: 16}, sessionCount=1,
                       distinctPersonCount=54)


def add_results(s):
    """The research mode, the project, the ranks and the coefficient, which has no formula."""
    s.add("22_research-projects", "project/1", title="积极探索城乡联盟办学缩短校际教育教学质量差距的应用研究",
          levels=["PROJECT_LEVEL_PREFECTURE", "PROJECT_LEVEL_PROVINCE"], keyTopic=True, programme="十四五",
          organisationId=s.ref(JUNIOR_HEAD), allianceId=s.ref(DISTRICT),
          state="RESEARCH_PROJECT_STATE_OPENED", evidence=evidence("被立为我州十四五重点课题和省级课题"))
    s.add("23_practice-models", "model/四三一", kind="PRACTICE_MODEL_KIND_RESEARCH_MODE", code="四三一",
          name="“四三一”教研模式", unitKind="UNIT_KIND_ORGANISATION", unitId=s.ref(PRIMARY_HEAD),
          stages=["STAGE_PRIMARY"], evidence=evidence("以“四三一”教研模式为抓手"))
    town, third = "全市乡镇小学段", "全市乡镇小学三年级"
    s.rank("rank/小街/primary", XIAOJIE, town, 3, "ALL_SUBJECTS", "小学段的乡镇排名从17名提升至第3名", 17,
           stage="STAGE_PRIMARY")
    grade = {"stage": "STAGE_PRIMARY", "grade": "GRADE_3"}
    s.rank("rank/小街/grade-3", XIAOJIE, third, 5, "ALL_SUBJECTS", "全科乡镇排名从16名上升至第5名", 16, **grade)
    s.rank("rank/小街/grade-3/chinese", XIAOJIE, third, 10, "SINGLE_SUBJECT", "语文单科从14名上升至第10名", 14,
           subject=subject("CHINESE"), **grade)
    s.rank("rank/小街/grade-3/mathematics", XIAOJIE, third, 3, "SINGLE_SUBJECT", "数学单科从17名上升至第3名", 17,
           subject=subject("MATHEMATICS"), **grade)
    quote = "2021学年上学期,第二学区办学提升系数为3.03,在四个学区中排名第一"
    s.rank("rank/第二学区", DISTRICT, "全市学区", 1, "IMPROVEMENT_COEFFICIENT", quote, fieldSize=4)
    s.add("25_improvement-definitions", "definition/文山市", version="wenshan-2021",
          origin="DEFINITION_ORIGIN_EXTERNAL", name="文山市学区办学提升系数",
          words="文山市对各学区公布的办学提升系数;所见材料未载明计算公式。", source=PAPER["issuer"],
          evidence=evidence(quote))
    s.add("26_improvement-coefficients", "coefficient/第二学区", unitKind="UNIT_KIND_ALLIANCE",
          unitId=s.ref(DISTRICT), origin="COEFFICIENT_ORIGIN_IMPORTED", value=3.03, term=TERM,
          improvementDefinitionId=s.ref("definition/文山市"), source=PAPER["issuer"], evidence=evidence(quote))


def main():
    s = Wenshan()
    add_registry(s)
    add_papers(s)
    add_assignments(s, add_mentoring(s))
    add_trainings(s)
    add_junior_activities(s)
    add_primary_activities(s)
    add_results(s)
    s.write()


if __name__ == "__main__":
    main()
