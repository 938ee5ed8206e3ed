// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/research_world.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace lianqiao::conformance {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;

ResearchWorld::ResearchWorld() : research_(::lianqiao::research::ResearchDefinition(), {&service_}) {
  near_school_ = School("渭滨区第一小学", near_id_).id();
  far_school_ = School("凤县第一小学", far_id_).id();
  alliance_id_ = Alliance(registry::ALLIANCE_TYPE_CROSS_COUNTY, city_id_);
  Join(alliance_id_, near_school_, registry::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  Join(alliance_id_, far_school_, registry::MEMBERSHIP_ROLE_MEMBER);
  county_alliance_id_ = Alliance(registry::ALLIANCE_TYPE_COUNTY, city_id_);
  Join(county_alliance_id_, near_id_, registry::MEMBERSHIP_ROLE_LEAD_COUNTY, true);
  Join(county_alliance_id_, far_id_, registry::MEMBERSHIP_ROLE_MEMBER, true);
  registry::CreateSchoolYearRequest year;
  year.mutable_school_year()->set_key("2023-2024");
  year.mutable_school_year()->set_starts_on("2023-09-01");
  year.mutable_school_year()->set_ends_on("2024-08-31");
  year.mutable_school_year()->set_statistics_on("2023-09-01");
  year.mutable_school_year()->set_submission_due_on("2023-10-31");
  const auto made = service_.Call<registry::SchoolYear>("SchoolYearService/CreateSchoolYear", year);
  EXPECT_TRUE(made.ok()) << Explain(made.status());
  if (made.ok()) {
    term_id_ = Term(made->id(), 1, "2023-2024-1", "2023-09-01", "2024-01-31");
    spring_term_id_ = Term(made->id(), 2, "2023-2024-2", "2024-02-20", "2024-07-10");
  }
  const auto add = [&](const std::string& token, ScopeKind kind, const std::string& id) {
    const bool organisation = kind == ScopeKind::kOrganisation;
    research_.AddCaller(token, MakeCaller({MakeGrant("research.*", kind, id, {token + "-system"}),
                                           MakeGrant("registry.*", kind, id)},
                                          organisation ? id : ""));
  };
  add("city", ScopeKind::kJurisdiction, city_id_);
  add("near", ScopeKind::kJurisdiction, near_id_);
  add("far", ScopeKind::kJurisdiction, far_id_);
  add("lead", ScopeKind::kOrganisation, near_school_);
  add("member", ScopeKind::kOrganisation, far_school_);
  research_.AddCaller("stranger", MakeCaller({}));
  research_.CatchUp();
}

std::string ResearchWorld::Alliance(registry::AllianceType type, const std::string& jurisdiction_id) {
  registry::CreateAllianceRequest request;
  request.mutable_alliance()->set_name(registry::AllianceType_Name(type));
  request.mutable_alliance()->set_type(type);
  request.mutable_alliance()->set_jurisdiction_id(jurisdiction_id);
  request.mutable_alliance()->set_state(registry::ALLIANCE_STATE_ACTIVE);
  const auto made = service_.Call<registry::Alliance>("AllianceService/CreateAlliance", request);
  EXPECT_TRUE(made.ok()) << Explain(made.status());
  return made.ok() ? made->id() : "";
}

std::string ResearchWorld::Join(const std::string& alliance_id, const std::string& party,
                                registry::MembershipRole role, bool jurisdiction) {
  registry::CreateMembershipRequest request;
  registry::Membership& membership = *request.mutable_membership();
  membership.set_alliance_id(alliance_id);
  jurisdiction ? membership.set_jurisdiction_id(party) : membership.set_organisation_id(party);
  membership.set_role(role);
  membership.set_state(registry::MEMBERSHIP_STATE_ACTIVE);
  membership.set_joined_on("2020-01-01");
  const auto made = service_.Call<registry::Membership>("MembershipService/CreateMembership", request);
  EXPECT_TRUE(made.ok()) << Explain(made.status());
  return made.ok() ? made->id() : "";
}

std::string ResearchWorld::Term(const std::string& school_year_id, int number, const std::string& key,
                                const std::string& starts_on, const std::string& ends_on) {
  registry::CreateTermRequest request;
  registry::Term& term = *request.mutable_term();
  term.set_school_year_id(school_year_id);
  term.set_number(number);
  term.set_key(key);
  term.set_starts_on(starts_on);
  term.set_ends_on(ends_on);
  const auto made = service_.Call<registry::Term>("TermService/CreateTerm", request);
  EXPECT_TRUE(made.ok()) << Explain(made.status());
  return made.ok() ? made->id() : "";
}

std::string ResearchWorld::Explain(const absl::Status& status) {
  std::string text(status.ToString());
  const base::Failure failure = base::FailureOf(status);
  for (const auto& violation : failure.violations())
    absl::StrAppend(&text, "\n  ", violation.field(), ": ",
                    base::Describe(violation.reason(), violation.arguments(), base::Language::kEnglish));
  return text;
}

std::string ResearchWorld::FieldsOf(const absl::Status& status) {
  const base::Failure failure = base::FailureOf(status);
  return absl::StrJoin(failure.violations(), " ", [](std::string* text, const base::Violation& violation) {
    absl::StrAppend(text, violation.field());
  });
}

void ResearchWorld::Stamp() {
  while (*research_.engine().RestampSome(absl::Now() + absl::Seconds(30)) > 0) continue;
}

std::unique_ptr<google::protobuf::Message> ResearchWorld::RequestWith(
    const std::string& verb, const google::protobuf::Message& record) {
  const auto& type = *record.GetDescriptor();
  const std::string noun = verb.rfind("BatchUpsert", 0) == 0 ? "" : type.name();
  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      absl::StrCat(type.file()->package(), ".", verb, noun, "Request"));
  std::unique_ptr<google::protobuf::Message> request(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto* field = descriptor->field(i);
    if (field->message_type() != &type) continue;
    const auto* reflection = request->GetReflection();
    (field->is_repeated() ? reflection->AddMessage(request.get(), field)
                          : reflection->MutableMessage(request.get(), field))
        ->CopyFrom(record);
  }
  return request;
}

}  // namespace lianqiao::conformance
