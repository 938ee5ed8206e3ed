// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/places_fixture.h"

#include "absl/strings/str_cat.h"

namespace lianqiao::registry {

std::string PlacesFixture::Explain(const absl::Status& status) {
  std::string text(status.ToString());
  const base::Failure failure = base::FailureOf(status);
  for (const auto& violation : failure.violations()) {
    absl::StrAppend(&text, "\n  ", violation.field(), ": ",
                    base::Describe(violation.reason(), violation.arguments(), base::Language::kEnglish));
  }
  return text;
}

std::vector<std::string> PlacesFixture::ViolatedFields(const absl::Status& status) {
  std::vector<std::string> fields;
  const base::Failure failure = base::FailureOf(status);
  for (const auto& violation : failure.violations()) fields.push_back(violation.field());
  return fields;
}

std::string PlacesFixture::Value(const std::string& sql) {
  const auto result = service_.Query(sql);
  EXPECT_TRUE(result.ok()) << result.status();
  const bool found = result.ok() && result->rows() > 0 && !result->IsNull(0, 0);
  return found ? result->Text(0, 0) : "";
}

PlacesFixture::PlacesFixture() {
  province_ =
      Place(v1::JURISDICTION_KIND_PROVINCE, v1::JURISDICTION_LEVEL_PROVINCE, "陕西省", "610000", kRoot);
  city_ = Place(v1::JURISDICTION_KIND_CITY, v1::JURISDICTION_LEVEL_CITY, "宝鸡市", "610300", province_.id());
  weibin_ =
      Place(v1::JURISDICTION_KIND_COUNTY, v1::JURISDICTION_LEVEL_COUNTY, "渭滨区", "610302", city_.id());
  feng_ = Place(v1::JURISDICTION_KIND_COUNTY, v1::JURISDICTION_LEVEL_COUNTY, "凤县", "610330", city_.id());
}

v1::Jurisdiction PlacesFixture::Place(v1::JurisdictionKind kind, v1::JurisdictionLevel level,
                                      const std::string& name, const std::string& code,
                                      const std::string& parent_id) {
  v1::CreateJurisdictionRequest request;
  request.mutable_jurisdiction()->set_kind(kind);
  request.mutable_jurisdiction()->set_level(level);
  request.mutable_jurisdiction()->set_name(name);
  request.mutable_jurisdiction()->set_division_code(code);
  request.mutable_jurisdiction()->set_parent_id(parent_id);
  return Must<v1::Jurisdiction>("JurisdictionService/CreateJurisdiction", request);
}

v1::Organisation PlacesFixture::School(const std::string& name, const std::string& jurisdiction_id,
                                       const std::string& code) {
  v1::CreateOrganisationRequest request;
  v1::Organisation& school = *request.mutable_organisation();
  school.set_kind(v1::ORGANISATION_KIND_SCHOOL);
  school.set_name(name);
  school.set_jurisdiction_id(jurisdiction_id);
  school.set_school_type(v1::SCHOOL_TYPE_PRIMARY);
  school.add_stages(type::v1::STAGE_PRIMARY);
  school.set_school_code(code);
  school.set_status(v1::ORGANISATION_STATUS_ACTIVE);
  school.set_opened_on("2001-09-01");
  return Must<v1::Organisation>("OrganisationService/CreateOrganisation", request);
}

v1::SchoolYear PlacesFixture::Year(const std::string& key) {
  v1::CreateSchoolYearRequest request;
  v1::SchoolYear& year = *request.mutable_school_year();
  year.set_key(key);
  year.set_starts_on(key.substr(0, 4) + "-09-01");
  year.set_ends_on(key.substr(5, 4) + "-08-31");
  year.set_statistics_on(key.substr(0, 4) + "-09-01");
  year.set_submission_due_on(key.substr(0, 4) + "-10-31");
  return Must<v1::SchoolYear>("SchoolYearService/CreateSchoolYear", request);
}

v1::FactSubmission PlacesFixture::Submission(const std::string& jurisdiction_id, const v1::SchoolYear& year) {
  v1::CreateFactSubmissionRequest request;
  request.mutable_fact_submission()->set_jurisdiction_id(jurisdiction_id);
  request.mutable_fact_submission()->set_school_year_id(year.id());
  return Must<v1::FactSubmission>("FactSubmissionService/CreateFactSubmission", request);
}

v1::SchoolYearFacts PlacesFixture::Facts(const v1::FactSubmission& submission,
                                         const std::string& organisation_id, int64_t pupils) {
  v1::CreateSchoolYearFactsRequest request;
  v1::SchoolYearFacts& facts = *request.mutable_school_year_facts();
  facts.set_submission_id(submission.id());
  facts.set_school_year_id(submission.school_year_id());
  facts.set_organisation_id(organisation_id);
  facts.set_stage(type::v1::STAGE_PRIMARY);
  facts.set_pupils(pupils);
  facts.set_classes(pupils / 40 + 1);
  facts.set_full_time_teachers(pupils / 18 + 1);
  return Must<v1::SchoolYearFacts>("SchoolYearFactsService/CreateSchoolYearFacts", request);
}

v1::JurisdictionYearFacts PlacesFixture::CountyFacts(const v1::FactSubmission& submission, int64_t schools,
                                                     bool complete) {
  v1::CreateJurisdictionYearFactsRequest request;
  v1::JurisdictionYearFacts& facts = *request.mutable_jurisdiction_year_facts();
  facts.set_submission_id(submission.id());
  facts.set_school_year_id(submission.school_year_id());
  facts.set_jurisdiction_id(submission.jurisdiction_id());
  facts.set_schools(schools);
  facts.set_registry_complete(complete);
  facts.set_disabled_children_known(9);
  facts.set_disabled_children_enrolled(8);
  return Must<v1::JurisdictionYearFacts>("JurisdictionYearFactsService/CreateJurisdictionYearFacts", request);
}

}  // namespace lianqiao::registry
