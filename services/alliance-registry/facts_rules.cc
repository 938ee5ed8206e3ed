// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/facts_rules.h"

#include "absl/strings/str_cat.h"
#include "libs/contract/contract.h"
#include "services/alliance-registry/facts_plausibility.h"
#include "services/alliance-registry/jurisdiction_rules.h"
#include "services/alliance-registry/organisation_on_day.h"
#include "services/alliance-registry/organisation_rules.h"

namespace lianqiao::registry {

using base::RefuseRule;
using resource::FactRow;
using resource::Facts;
using resource::Violations;

namespace {

// Findings 1 to 49 as violations, with the labels of the contract as text.
void RefuseImpossible(const google::protobuf::Message& record, const std::vector<Finding>& findings,
                      Violations* violations) {
  for (const Finding& finding : findings) {
    if (!IsImpossible(finding.rule)) continue;
    const auto* value = v1::PlausibilityRule_descriptor()->FindValueByNumber(finding.rule);
    const auto& label = value->options().GetExtension(options::v1::label);
    const auto* field = record.GetDescriptor()->FindFieldByName(finding.field);
    violations->push_back(RefuseRule(contract::PathOf("", *field), label.zh(), label.en()));
  }
}

// Facts are written into drafts of the same year only.
void CheckEnvelope(const FactRow& submission, const std::string& school_year_id, Violations* violations) {
  if (submission.Text("state") != v1::FactSubmissionState_Name(v1::FACT_SUBMISSION_STATE_DRAFT)) {
    violations->push_back(RefuseRule("submissionId", "报送不是草稿,数据不可更改;请先退回或办理更正",
                                     "is no draft: return it or restate it before changing its facts"));
  }
  if (submission.Text("school_year_id") != school_year_id)
    violations->push_back(
        RefuseRule("schoolYearId", "学年与报送不一致", "is not the school year of the submission"));
}

Violations CheckDeletion(const std::string& school_year_id, const Facts& facts) {
  Violations violations;
  const auto& submissions = facts.rows("submission");
  if (!submissions.empty()) CheckEnvelope(submissions[0], school_year_id, &violations);
  return violations;
}

// Lateness is told by these dates: nobody sets them back.
void CheckStepIsToday(const v1::FactSubmission& after, const Facts& facts, Violations* violations) {
  const struct {
    const char* method;
    const std::string& date;
  } steps[] = {{"SubmitFactSubmission", after.submitted_on()},
               {"CheckFactSubmission", after.city_checked_on()},
               {"AcceptFactSubmission", after.accepted_on()},
               {"FreezeFactSubmission", after.frozen_on()}};
  for (const auto& step : steps) {
    if (facts.method() == step.method && step.date != facts.today())
      violations->push_back(RefuseRule("effectiveOn", "办理日期只能为当天", "can only be today"));
  }
}

constexpr char kSubmissionColumns[] = "SELECT s.state, s.jurisdiction_id, s.school_year_id";

}  // namespace

resource::FactQuery SubmissionPlaceFacts() {
  return {"place",
          "SELECT j.level, j.valid_to < y.statistics_on AS gone FROM jurisdiction j"
          " LEFT JOIN school_year y ON y.id = nullif($2, '')::uuid WHERE j.id = nullif($1, '')::uuid",
          {"jurisdiction_id", "school_year_id"},
          {}};
}

resource::FactQuery SubmissionContentFacts() {
  return {"contents",
          "SELECT count(*) AS jurisdiction_facts FROM jurisdiction_year_facts"
          " WHERE submission_id = nullif($1, '')::uuid AND delete_time IS NULL",
          {"id"},
          {"SubmitFactSubmission"}};
}

Violations CheckFactSubmission(const v1::FactSubmission* before, const v1::FactSubmission& after,
                               const Facts& facts) {
  Violations violations;
  const auto& places = facts.rows("place");
  const v1::JurisdictionLevel level =
      places.empty() ? v1::JURISDICTION_LEVEL_COUNTY : LevelOf(places[0].Text("level"));
  // A city reports the schools that it runs itself.
  if (level != v1::JURISDICTION_LEVEL_COUNTY && level != v1::JURISDICTION_LEVEL_CITY)
    violations.push_back(
        RefuseRule("jurisdictionId", "报送单位应为县级辖区或地级市", "must be a county, a zone or a city"));
  const bool first = before == nullptr && facts.method() != "RestateFactSubmission";
  if (first && !places.empty() && places[0].Boolean("gone"))
    violations.push_back(RefuseRule("jurisdictionId", "该辖区在统计日前已撤销,请由取代它的辖区报送",
                                    "had ended before the statistics day: what replaced it reports"));
  const bool frozen = before != nullptr && before->state() == v1::FACT_SUBMISSION_STATE_FROZEN;
  if (frozen)
    violations.push_back(
        RefuseRule("state", "报送已冻结,只能办理更正", "is frozen: only a restatement is possible"));
  CheckStepIsToday(after, facts, &violations);
  const auto& contents = facts.rows("contents");
  if (!contents.empty() && contents[0].Integer("jurisdiction_facts") == 0)
    violations.push_back(
        RefuseRule("state", "尚未填报辖区年度数据", "the jurisdiction's own yearly facts are missing"));
  return violations;
}

resource::FactQuery SchoolFactsSubmission() {
  return {
      "submission",
      absl::StrCat(
          kSubmissionColumns, ", ", PlaceOn("o", "y.statistics_on"),
          " AS school_jurisdiction_id, o.kind AS school_kind, o.closed_on < y.statistics_on OR ",
          ClosedForATimeOn("o", "y.statistics_on"),
          // The few facts of the school first, then their submissions. OFFSET and LATERAL hold the planner to
          // that order, `revision` to the index by school: a plan that was made while the tables were empty
          // goes through all submissions of the year, or a whole index, for every record of an import.
          " AS school_closed, EXISTS (SELECT 1 FROM (SELECT f.submission_id FROM school_year_facts f"
          " WHERE f.organisation_id = o.id AND f.stage = $3 AND f.delete_time IS NULL AND f.revision > 0"
          " OFFSET 0) held CROSS JOIN LATERAL (SELECT n.jurisdiction_id, n.school_year_id, n.restatement"
          " FROM fact_submission n WHERE n.id = held.submission_id AND n.delete_time IS NULL OFFSET 0) other"
          " WHERE other.school_year_id = s.school_year_id"
          " AND other.jurisdiction_id <> s.jurisdiction_id"
          " AND NOT EXISTS (SELECT 1 FROM fact_submission newer WHERE newer.delete_time IS NULL"
          " AND newer.jurisdiction_id = other.jurisdiction_id"
          " AND newer.school_year_id = other.school_year_id AND newer.restatement > other.restatement))"
          " AS reported_elsewhere FROM fact_submission s"
          " LEFT JOIN school_year y ON y.id = s.school_year_id"
          " LEFT JOIN organisation o ON o.id = nullif($2, '')::uuid WHERE s.id = nullif($1, '')::uuid"),
      {"submission_id", "organisation_id", "stage"},
      {}};
}

namespace {

// Only at first: a school that moves or ends later keeps the facts that its county of then reported.
void CheckSchoolAtFirst(const FactRow& submission, Violations* violations) {
  if (submission.Text("school_jurisdiction_id") != submission.Text("jurisdiction_id"))
    violations->push_back(
        RefuseRule("organisationId", "学校在统计日不属于报送辖区",
                   "did not belong to the jurisdiction that submits on the statistics day"));
  if (submission.Boolean("school_closed"))
    violations->push_back(
        RefuseRule("organisationId", "学校在统计日前已撤并", "had closed before the statistics day"));
}

}  // namespace

Violations CheckSchoolYearFacts(const v1::SchoolYearFacts* before, const v1::SchoolYearFacts& after,
                                const Facts& facts) {
  Violations violations;
  const auto& submissions = facts.rows("submission");
  if (!submissions.empty()) {
    CheckEnvelope(submissions[0], after.school_year_id(), &violations);
    const bool first = before == nullptr && facts.method() != "RestateFactSubmission";
    if (first) CheckSchoolAtFirst(submissions[0], &violations);
    // What was reported twice before this was a rule can still be corrected.
    if ((first || facts.method() == "UndeleteSchoolYearFacts") &&
        submissions[0].Boolean("reported_elsewhere"))
      violations.push_back(RefuseRule("organisationId", "该学校本学年该学段数据已由其他辖区报送",
                                      "has facts of this stage and year from another jurisdiction already"));
    v1::OrganisationKind kind = v1::ORGANISATION_KIND_UNSPECIFIED;
    v1::OrganisationKind_Parse(submissions[0].Text("school_kind"), &kind);
    if (kind != v1::ORGANISATION_KIND_UNSPECIFIED && !IsTeaching(kind))
      violations.push_back(RefuseRule("organisationId", "不是学校或幼儿园", "is no school or kindergarten"));
  }
  RefuseImpossible(after, Examine(after, {}), &violations);
  return violations;
}

Violations CheckSchoolYearFactsDeletion(const v1::SchoolYearFacts& record, const Facts& facts) {
  return CheckDeletion(record.school_year_id(), facts);
}

Violations CheckJurisdictionYearFactsDeletion(const v1::JurisdictionYearFacts& record, const Facts& facts) {
  return CheckDeletion(record.school_year_id(), facts);
}

resource::FactQuery JurisdictionFactsSubmission() {
  return {"submission",
          std::string(kSubmissionColumns) + " FROM fact_submission s WHERE s.id = nullif($1, '')::uuid",
          {"submission_id"},
          {}};
}

Violations CheckJurisdictionYearFacts(const v1::JurisdictionYearFacts* before,
                                      const v1::JurisdictionYearFacts& after, const Facts& facts) {
  Violations violations;
  const auto& submissions = facts.rows("submission");
  if (!submissions.empty()) {
    CheckEnvelope(submissions[0], after.school_year_id(), &violations);
    if (submissions[0].Text("jurisdiction_id") != after.jurisdiction_id())
      violations.push_back(
          RefuseRule("jurisdictionId", "辖区与报送不一致", "is not the jurisdiction of the submission"));
  }
  RefuseImpossible(after, Examine(after), &violations);
  return violations;
}

}  // namespace lianqiao::registry
