// SPDX-License-Identifier: Apache-2.0
// alliance-registry and teacher-exchange in one process: two counties with urban and rural schools, an
// alliance between them, a school year, and teachers. Tests only.
#pragma once

#include <string>

#include "lianqiao/exchange/v1/assignment.pb.h"
#include "lianqiao/exchange/v1/ethics_result.pb.h"
#include "lianqiao/exchange/v1/quota.pb.h"
#include "lianqiao/exchange/v1/teacher.pb.h"
#include "lianqiao/registry/v1/alliance.pb.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {

namespace exchange = ::lianqiao::exchange::v1;

// Callers of exchange_: "near" and "far" may do everything in their counties, "city" in both, "school" at
// near_school_ only; "clerk" reads and writes in the near county, but sees no persons, imports no history and
// approves nothing; "reader" only reads there.
class ExchangeWorld : public RegistryWorld {
 protected:
  ExchangeWorld();

  template <typename T>
  T Must(const std::string& method, const google::protobuf::Message& request,
         const std::string& token = "operator") {
    const auto answer = exchange_.Call<T>(method, request, token);
    EXPECT_TRUE(answer.ok()) << method << ": " << answer.status();
    return answer.ok() ? *answer : T();
  }
  // Step<exchange::Assignment>("Assignment", "Approve", id).
  template <typename T>
  absl::StatusOr<T> Step(const std::string& noun, const std::string& verb, const std::string& id,
                         const std::string& token = "operator", const std::string& effective_on = "",
                         const std::string& reason = "说明原因") {
    type::v1::TransitionRequest request;
    request.set_id(id);
    request.set_effective_on(effective_on);
    request.set_reason(reason);
    return exchange_.Call<T>(noun + "Service/" + verb + noun, request, token);
  }
  template <typename T>
  absl::StatusOr<T> Read(const std::string& noun, const std::string& id,
                         const std::string& token = "operator") {
    type::v1::GetRequest request;
    request.set_id(id);
    return exchange_.Call<T>(noun + "Service/Get" + noun, request, token);
  }

  // A teacher of a school, with a person reference that nobody else has.
  exchange::CreateTeacherRequest NewTeacher(const std::string& school_id);
  exchange::Teacher Teacher(const std::string& school_id, const std::string& token = "operator");
  // Support teaching of the whole week at another school, from today on for a year.
  exchange::CreateAssignmentRequest NewAssignment(const exchange::Teacher& teacher,
                                                  const std::string& to_school_id, int share_percent = 100);
  exchange::Assignment Nominate(const exchange::CreateAssignmentRequest& request,
                                const std::string& token = "operator");
  // Approved today, or on an earlier day.
  exchange::Assignment Approved(const exchange::CreateAssignmentRequest& request,
                                const std::string& approved_on = "");
  exchange::Assignment OnPost(const exchange::CreateAssignmentRequest& request,
                              const std::string& started_on = "");
  // As deleted by hand, with a state in which nobody deletes it.
  void Hide(const std::string& assignment_id);
  void Ethics(const std::string& teacher_id, int year, exchange::EthicsOutcome outcome);
  // Business date so many days from today.
  std::string Day(int days);
  int64_t ExchangeCount(const std::string& sql);
  // An alliance of the registry in force; its parties are schools or jurisdictions.
  std::string Alliance(registry::AllianceType type, const std::string& jurisdiction_id);
  void Join(const std::string& alliance_id, const std::string& party_id, registry::MembershipRole role,
            registry::MembershipSide side = registry::MEMBERSHIP_SIDE_UNSPECIFIED, bool jurisdiction = false);

  testing::TestService exchange_;
  std::string near_school_;     // Urban core, quality since 2015, in the near county.
  std::string near_rural_;      // A village school of the near county.
  std::string far_school_;      // In a town of the far county.
  std::string far_rural_;       // A village school of the far county, weak since 2020.
  std::string unclassed_;       // Of the near county; nobody knows its class.
  std::string alliance_id_;     // near_school_ leads, far_rural_ is a member.
  std::string school_year_id_;  // 2026-2027

 private:
  std::string SchoolOf(const std::string& name, const std::string& jurisdiction_id,
                       registry::UrbanRuralClass urban_rural_class, registry::QualityTier tier,
                       const std::string& tier_from);
  int persons_ = 0;
};

}  // namespace lianqiao::conformance
