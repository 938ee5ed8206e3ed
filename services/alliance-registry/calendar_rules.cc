// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/calendar_rules.h"

#include "libs/resource/period_rules.h"

namespace lianqiao::registry {

using base::RefuseRule;
using resource::Violations;

Violations CheckSchoolYear(const v1::SchoolYear* before, const v1::SchoolYear& after,
                           const resource::Facts& facts) {
  Violations violations;
  resource::RequireOrder("startsOn", after.starts_on(), "endsOn", after.ends_on(), &violations);
  resource::RequireOrder("startsOn", after.starts_on(), "statisticsOn", after.statistics_on(), &violations);
  resource::RequireOrder("statisticsOn", after.statistics_on(), "endsOn", after.ends_on(), &violations);
  resource::RequireOrder("statisticsOn", after.statistics_on(), "submissionDueOn", after.submission_due_on(),
                         &violations);
  resource::RequireOrder("submissionDueOn", after.submission_due_on(), "cityCheckDueOn",
                         after.city_check_due_on(), &violations);
  // Then no two years overlap and no day lies between them.
  if (after.starts_on().size() == 10 && after.starts_on().substr(4) != "-09-01")
    violations.push_back(RefuseRule("startsOn", "学年自9月1日起", "must be 1 September"));
  if (after.ends_on().size() == 10 && after.ends_on().substr(4) != "-08-31")
    violations.push_back(RefuseRule("endsOn", "学年至次年8月31日止", "must be 31 August"));
  // The key names the years in which it begins and ends.
  if (after.key().size() == 9 && after.starts_on().size() == 10 && after.ends_on().size() == 10 &&
      (after.starts_on().substr(0, 4) != after.key().substr(0, 4) ||
       after.ends_on().substr(0, 4) != after.key().substr(5, 4))) {
    violations.push_back(
        RefuseRule("key", "学年与起止日期的年份不符", "does not name the years in which it begins and ends"));
  }
  return violations;
}

resource::FactQuery TermYearFacts() {
  return {"school_year",
          "SELECT key, starts_on, ends_on FROM school_year WHERE id = nullif($1, '')::uuid",
          {"school_year_id"},
          {}};
}

Violations CheckTerm(const v1::Term* before, const v1::Term& after, const resource::Facts& facts) {
  Violations violations;
  resource::RequireOrder("startsOn", after.starts_on(), "endsOn", after.ends_on(), &violations);
  const auto& years = facts.rows("school_year");
  if (years.empty()) return violations;
  resource::RequireOrder("schoolYear.startsOn", years[0].Text("starts_on"), "startsOn", after.starts_on(),
                         &violations);
  resource::RequireOrder("endsOn", after.ends_on(), "schoolYear.endsOn", years[0].Text("ends_on"),
                         &violations);
  if (after.key() != absl::StrCat(years[0].Text("key"), "-", after.number())) {
    violations.push_back(RefuseRule("key", "学期代码应为“学年-学期序号”",
                                    "must be the key of the school year and the number of the term"));
  }
  return violations;
}

}  // namespace lianqiao::registry
