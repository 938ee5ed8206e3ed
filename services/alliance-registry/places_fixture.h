// SPDX-License-Identifier: Apache-2.0
// Short ways to make places, schools, years and facts in tests that run the whole registry. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "lianqiao/registry/v1/calendar.pb.h"
#include "lianqiao/registry/v1/fact_submission.pb.h"
#include "lianqiao/registry/v1/jurisdiction.pb.h"
#include "lianqiao/registry/v1/jurisdiction_year_facts.pb.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "lianqiao/registry/v1/school_year_facts.pb.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/testing/service.h"
#include "services/alliance-registry/registry.h"

namespace lianqiao::registry {

inline constexpr char kRoot[] = "00000000-0000-7000-8000-000000000001";

// 全国 › 陕西省 › 宝鸡市 › 渭滨区, 凤县; a new database for every test.
class PlacesFixture : public ::testing::Test {
 protected:
  PlacesFixture();

  v1::Jurisdiction Place(v1::JurisdictionKind kind, v1::JurisdictionLevel level, const std::string& name,
                         const std::string& code, const std::string& parent_id);
  v1::Organisation School(const std::string& name, const std::string& jurisdiction_id,
                          const std::string& code = "");
  v1::SchoolYear Year(const std::string& key);
  v1::FactSubmission Submission(const std::string& jurisdiction_id, const v1::SchoolYear& year);
  v1::SchoolYearFacts Facts(const v1::FactSubmission& submission, const std::string& organisation_id,
                            int64_t pupils);
  v1::JurisdictionYearFacts CountyFacts(const v1::FactSubmission& submission, int64_t schools, bool complete);

  // Succeeds or fails the test with every violation.
  template <typename Response>
  Response Must(const std::string& method, const google::protobuf::Message& request,
                const std::string& token = "operator") {
    const auto response = service_.Call<Response>(method, request, token);
    EXPECT_TRUE(response.ok()) << method << ": " << Explain(response.status()) << "\n"
                               << request.ShortDebugString();
    return response.ok() ? *response : Response();
  }
  template <typename Response>
  absl::Status Try(const std::string& method, const google::protobuf::Message& request,
                   const std::string& token = "operator") {
    return service_.Call<Response>(method, request, token).status();
  }
  static std::string Explain(const absl::Status& status);
  static std::vector<std::string> ViolatedFields(const absl::Status& status);

  // `from` had the school up to and including `until`.
  void MoveSince(const std::string& id, const std::string& from, const std::string& to,
                 const std::string& until) {
    v1::UpdateOrganisationRequest request;
    request.mutable_organisation()->set_id(id);
    request.mutable_organisation()->set_jurisdiction_id(to);
    auto& left = *request.mutable_organisation()->add_former_jurisdictions();
    left.set_jurisdiction_id(from);
    left.set_valid_to(until);
    Must<v1::Organisation>("OrganisationService/UpdateOrganisation", request);
  }

  // First value of a statement as the runtime role: what the API does not show.
  std::string Value(const std::string& sql);

  template <typename Record>
  Record Get(const std::string& noun, const std::string& id, const std::string& token = "operator") {
    type::v1::GetRequest request;
    request.set_id(id);
    return Must<Record>(noun + "Service/Get" + noun, request, token);
  }
  template <typename Record>
  Record Move(const std::string& noun, const std::string& verb, const std::string& id,
              const std::string& reason = "") {
    type::v1::TransitionRequest request;
    request.set_id(id);
    request.set_reason(reason);
    return Must<Record>(noun + "Service/" + verb + noun, request);
  }

  testing::TestService service_{RegistryDefinition()};
  v1::Jurisdiction province_;
  v1::Jurisdiction city_;
  v1::Jurisdiction weibin_;
  v1::Jurisdiction feng_;
};

}  // namespace lianqiao::registry
