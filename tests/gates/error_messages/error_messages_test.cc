// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "lianqiao/registry/v1/plan.pb.h"
#include "lianqiao/registry/v1/project.pb.h"
#include "libs/rpc/client.h"
#include "libs/testing/golden.h"
#include "services/alliance-registry/alliance_fixture.h"
#include "tests/gates/error_messages/bad_requests.h"
#include "tests/gates/error_messages/rendering.h"

namespace lianqiao::gates {
namespace {

using namespace registry::v1;  // NOLINT: every record below is the registry's.

class ErrorMessages : public registry::AllianceFixture {
 protected:
  ErrorMessages() {
    names_["$county$"] = weibin_.id();
    names_["$other_county$"] = feng_.id();
    names_["$nothing$"] = "00000000-0000-7000-8000-0000000000ff";
    const std::string school = names_["$school$"] = School("一小", weibin_.id(), "2161000001").id();
    names_["$new_school$"] = School("二小", weibin_.id()).id();
    names_["$other_school$"] = School("三小", feng_.id()).id();
    const std::string alliance = names_["$alliance$"] =
        Existing(ALLIANCE_TYPE_EDUCATION_GROUP, ALLIANCE_STATE_ACTIVE, weibin_.id()).id();
    names_["$drafted$"] = Draft(ALLIANCE_TYPE_EDUCATION_GROUP, weibin_.id()).id();
    names_["$filed$"] = Existing(ALLIANCE_TYPE_EDUCATION_GROUP, ALLIANCE_STATE_FILED, weibin_.id()).id();
    auto member = Membership(alliance, school, MEMBERSHIP_ROLE_MEMBER);
    member.mutable_membership()->set_state(MEMBERSHIP_STATE_ACTIVE);
    member.mutable_membership()->set_joined_on("2021-09-01");
    names_["$membership$"] = Propose(member).id();
    names_["$proposed$"] =
        Propose(Membership(alliance, names_["$other_school$"], MEMBERSHIP_ROLE_MEMBER)).id();
    names_["$city$"] = city_.id();
    names_["$province$"] = province_.id();
    MakeFacts();
    MakePapers();
    AddClient("other_county", access::ScopeKind::kJurisdiction, feng_.id());
    AddClient("county", access::ScopeKind::kJurisdiction, weibin_.id());
    AddClient("member", access::ScopeKind::kOrganisation, school);
    service_.AddCaller("ungranted", access::testing::MakeCaller({}));
    CreateOrganisationRequest used;
    used.mutable_organisation()->set_kind(ORGANISATION_KIND_SCHOOL);
    used.mutable_organisation()->set_name("甲校");
    used.mutable_organisation()->set_jurisdiction_id(weibin_.id());
    used.set_request_id("used");
    Must<Organisation>("OrganisationService/CreateOrganisation", used);
    type::v1::ListRequest page;
    page.set_page_size(1);
    texts_["$page_token$"] =
        Must<ListOrganisationsResponse>("OrganisationService/ListOrganisations", page).next_page_token();
    for (int length : {101, 300, 301}) {
      std::string& text = texts_[absl::StrCat("$x", length, "$")];
      for (int i = 0; i < length; ++i) text += "长";
    }
  }

  // The id of a record that the request makes; later requests may name it.
  void Make(const std::string& name, const std::string& method, const std::string& request) {
    const auto* descriptor = service_.contract().FindMethod("/lianqiao.registry.v1." + method);
    ASSERT_NE(descriptor, nullptr) << method;
    auto* factory = google::protobuf::MessageFactory::generated_factory();
    std::unique_ptr<google::protobuf::Message> message(
        factory->GetPrototype(descriptor->descriptor->input_type())->New());
    std::unique_ptr<google::protobuf::Message> record(
        factory->GetPrototype(descriptor->descriptor->output_type())->New());
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(Filled(request), message.get())) << request;
    const absl::Status made = service_.Invoke(method, *message, record.get(), "operator");
    ASSERT_TRUE(made.ok()) << method << ": " << Explain(made);
    names_[name] =
        record->GetReflection()->GetString(*record, record->GetDescriptor()->FindFieldByName("id"));
  }
  std::string Filled(const std::string& request) const {
    return absl::StrReplaceAll(absl::StrReplaceAll(request, texts_), names_);
  }

  void MakeFacts() {
    const SchoolYear year = Year("2023-2024");
    names_["$year$"] = year.id();
    names_["$other_year$"] = Year("2022-2023").id();
    const FactSubmission submission = Submission(weibin_.id(), year);
    names_["$submission$"] = submission.id();
    Facts(submission, names_["$school$"], 100);
    const FactSubmission submitted = Submission(feng_.id(), year);
    CountyFacts(submitted, 10, true);
    names_["$submitted$"] = Move<FactSubmission>("FactSubmission", "Submit", submitted.id()).id();
  }
  void MakePapers() {
    Make("$cycle$", "CycleService/CreateCycle",
         "cycle { jurisdiction_id: '$county$' number: 1 starts_on: '2021-01-01' ends_on: '2023-12-31' }");
    Make("$agreement$", "AgreementService/CreateAgreement",
         "agreement { kind: AGREEMENT_KIND_COOPERATION title: '协议' jurisdiction_id: '$county$' parties { "
         "organisation_id: '$school$' } }");
    for (const auto& [name, alliance] :
         {std::make_pair("$plan$", "$alliance$"), std::make_pair("$agreed_plan$", "$alliance$"),
          std::make_pair("$other_plan$", "$drafted$")})
      Make(name, "DevelopmentPlanService/CreateDevelopmentPlan",
           absl::StrCat("development_plan { alliance_id: '", alliance,
                        "' title: '规划' starts_on: '2024-01-01' ends_on: '2026-12-31' }"));
    Move<DevelopmentPlan>("DevelopmentPlan", "Agree", names_["$agreed_plan$"]);
    Make(
        "$filing$", "FilingService/CreateFiling",
        "filing { alliance_id: '$alliance$' kind: FILING_KIND_DEVELOPMENT_PLAN development_plan_id: '$plan$' "
        "authority_jurisdiction_id: '$city$' year: 2024 }");
    Make("$programme$", "CountyProgrammeService/CreateCountyProgramme",
         "county_programme { jurisdiction_id: '$county$' title: '规划' }");
    for (const char* name : {"$project$", "$started_project$"})
      Make(name, "CooperationProjectService/CreateCooperationProject",
           "cooperation_project { alliance_id: '$alliance$' title: '送教' year: 2024 }");
    Move<CooperationProject>("CooperationProject", "Start", names_["$started_project$"]);
    Make("$body$", "GoverningBodyService/CreateGoverningBody",
         "governing_body { kind: GOVERNING_BODY_KIND_LEADING_GROUP name: '领导小组' level: "
         "GOVERNANCE_LEVEL_COUNTY jurisdiction_id: '$county$' }");
    Make("$holder$", "RoleHolderService/CreateRoleHolder",
         "role_holder { person_ref: 'holder-1' role: HOLDER_ROLE_PRINCIPAL organisation_id: '$school$' "
         "from_on: '2024-01-01' }");
  }

  std::map<std::string, std::string> names_;
  std::map<std::string, std::string> texts_;
  rpc::Client client_{rpc::Client::Options{service_.address(), 1}};
};

TEST_F(ErrorMessages, EveryBadRequestIsAnsweredAsTheGoldenFileSays) {
  std::map<std::string, std::string> readable;
  for (const auto& [name, id] : names_) readable[id] = name;
  std::string all;
  for (const BadRequest& bad : BadRequests()) {
    const std::string authorization = bad.token.empty() ? "" : "Bearer " + bad.token;
    const std::string answer =
        AnswersTo(client_, "lianqiao.registry.v1.", bad, Filled(bad.request), authorization);
    absl::StrAppend(&all, bad.method, ": ", bad.what, "\n", absl::StrReplaceAll(answer, readable), "\n");
  }
  testing::ExpectGolden("errors.txt", all, "a person who reads the new text knows at once what to do");
}

}  // namespace
}  // namespace lianqiao::gates
