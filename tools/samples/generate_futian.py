#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tools/samples/futian: teachers, courses and laboratories of 福田区 in Shenzhen (深圳).

A report of 2024 counts them; schools, groups, projects and courses are made up, carry 样例 in their name and
are flagged `synthetic`. The school year is 2023-2024.
"""

from sample import ROOT, Sample, evidence_of

SINCE = "2022-09-01"  # First day of everything made up.
SCHOOLS = 40  # All with an innovation laboratory.
GROUPS = 7  # Of a lead and a member each.
BRANDS = {"SPORTS": ("体育项目", 36), "MUSIC": ("音乐特色品牌项目", 56), "FINE_ART": ("美术特色品牌项目", 48)}
LABOUR = [6, 5, 5, 5, 5, 5, 5]  # 36 courses in seven classes.
DAYS = ["2023-10-12", "2023-11-16", "2023-12-14", "2024-03-07", "2024-03-28", "2024-04-11", "2024-04-25",
        "2024-05-16"]  # Of eight sessions.
TALENT = [
    ("PRINCIPALS", 1, "PRINCIPALS_AND_RESERVES", 113, "未来教育家型校长、副校长和后备干部",
     "遴选首批113名未来教育家型校长、副校长和后备干部"),
    ("BACKBONE_TEACHERS", 0, "TEACHERS", 155, "领军教师、示范型骨干和教坛新秀", "开展155名领军教师、示范型骨干和教坛新秀培养对象"),
    ("NEW_TEACHERS", 0, "NEW_TEACHERS", 2000, "新教师", "2000名新教师等系列研修学习"),
]
PAPER = {"title": "实现义务教育优质均衡的N条路径", "datedOn": "2024-06-07"}
evidence = evidence_of(PAPER)


def school(index):
    return f"school/{index % SCHOOLS + 1:02}"


def add_registry(s):
    s.jurisdiction("广东省", "PROVINCE", "PROVINCE", "广东省", ROOT, "440000")
    s.jurisdiction("深圳市", "CITY", "CITY", "深圳市", "广东省", "440300")
    s.jurisdiction("福田区", "COUNTY", "COUNTY", "福田区", "深圳市", "440304", bureauName="福田区教育局")
    for index in range(SCHOOLS):
        junior = index % 4 == 3
        s.organisation(school(index), "SCHOOL", f"福田区第{index + 1}{'初级中学' if junior else '小学'}（样例）", "福田区",
                       schoolType=f"SCHOOL_TYPE_{'JUNIOR' if junior else 'PRIMARY'}",
                       stages=[f"STAGE_{'JUNIOR' if junior else 'PRIMARY'}"], ownership="OWNERSHIP_PUBLIC",
                       affiliation="AFFILIATION_COUNTY_DIRECT",
                       urbanRuralClass="URBAN_RURAL_CLASS_URBAN_CORE", synthetic=True)
    for index in range(GROUPS):
        key = s.alliance(f"alliance/group/{index + 1}", "EDUCATION_GROUP", f"福田区第{index + 1}教育集团（样例）", "福田区",
                         SINCE, model="ALLIANCE_MODEL_LEADING_PLUS",
                         evidence=evidence("成立7个公办中小学教育集团"))
        s.member(key, school(index), "LEAD_SCHOOL", 1, SINCE)
        s.member(key, school(index + GROUPS), "MEMBER", 2, SINCE)


def add_talent(s):
    whole = s.add("10_talent-programmes", "talent", name="“大先生”培养计划", jurisdictionId=s.ref("福田区"),
                  kind="TALENT_PROGRAMME_KIND_OTHER", level="DEVELOPMENT_LEVEL_COUNTY",
                  state="GROUP_STATE_ACTIVE", evidence=evidence("开展“大先生”培养计划,打造高质量人才梯队"))
    for kind, batch, group, count, name, quote in TALENT:
        key = s.add("10_talent-programmes", f"talent/{kind.lower()}", name=f"{name}培养",
                    kind=f"TALENT_PROGRAMME_KIND_{kind}", state="GROUP_STATE_ACTIVE",
                    level="DEVELOPMENT_LEVEL_COUNTY", jurisdictionId=s.ref("福田区"),
                    parentProgrammeId=s.ref(whole), evidence=evidence(quote))
        s.add("11_talent-cohorts", f"{key}/cohort", talentProgrammeId=s.ref(key), batchNumber=batch or None,
              targetGroup=f"TALENT_GROUP_{group}", distinctPersonCount=count,
              distinctPersonCountComparison="COMPARISON_EQUAL", evidence=evidence(quote))


def add_sessions(s):
    for index, day in enumerate(DAYS):
        group = index % GROUPS
        s.activity(12, f"activity/{index + 1}", f"alliance/group/{group + 1}",
                   [school(group), school(group + GROUPS)], day,
                   category="JOINT_ACTIVITY_CATEGORY_TEACHING_RESEARCH",
                   type="JOINT_ACTIVITY_TYPE_RESEARCH_OBSERVATION", title="“全息未来教育云+端”项目观摩研讨课（样例）",
                   termId=f"calendar:2023-2024-{1 if day < '2024' else 2}", sessionCount=1,
                   evidence=evidence("先后召开8场“全息未来教育云+端”项目观摩研讨课活动"))


def add_resources(s, year):
    for index in range(SCHOOLS):
        s.add("14_equipment-facts", f"{school(index)}/2023", schoolId=s.ref(school(index)), schoolYearId=year,
              countedOn="2024-05-31", innovationLaboratoryCount=1, source=PAPER["title"],
              evidence=evidence("在40所学校布局创新实验室"), synthetic=True)
    number = 0
    for field, (name, count) in BRANDS.items():
        for index in range(1, count + 1):
            s.add("15_brand-projects", f"brand/{field.lower()}/{index:02}", schoolId=s.ref(school(number)),
                  name=f"{name}{index}（样例）", field=f"BRAND_FIELD_{field}", begunOn="2023-09-01",
                  state="BRAND_PROJECT_STATE_BUILDING", synthetic=True)
            number += 1
    for label, count in enumerate(LABOUR, 1):
        for index in range(1, count + 1):
            s.add("16_courses", f"course/labour/{label}/{index}", schoolId=s.ref(school(label * 5 + index)),
                  schoolYearId=year, name=f"劳动课程{label}-{index}（样例）", category="COURSE_CATEGORY_LABOUR",
                  subcategory=f"劳动课程第{label}类（样例）", subject="SUBJECT_LABOUR", state="COURSE_STATE_OPEN",
                  openedOn="2023-09-01", evidence=evidence("开发七大类36门劳动课程"), synthetic=True)


def main():
    s = Sample("futian")
    year = s.school_year(2023)
    add_registry(s)
    add_talent(s)
    add_sessions(s)
    add_resources(s, year)
    s.write()


if __name__ == "__main__":
    main()
