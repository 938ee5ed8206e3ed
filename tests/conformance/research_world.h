// SPDX-License-Identifier: Apache-2.0
// teaching-research beside the registry that it follows: two counties of a city, a school in each, an
// alliance of the two schools and one of the two counties, both managed by the city, and the terms of a past
// school year. Tests only.
#pragma once

#include <memory>
#include <string>

#include "lianqiao/registry/v1/alliance.pb.h"
#include "lianqiao/registry/v1/calendar.pb.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "services/teaching-research/research.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {

class ResearchWorld : public RegistryWorld {
 protected:
  ResearchWorld();

  // Records of the registry, as an import brings them.
  std::string Alliance(registry::AllianceType type, const std::string& jurisdiction_id);
  // `party` is an organisation, or a jurisdiction in the roles of counties. In from the first day of 2020.
  std::string Join(const std::string& alliance_id, const std::string& party, registry::MembershipRole role,
                   bool jurisdiction = false);
  std::string Term(const std::string& school_year_id, int number, const std::string& key,
                   const std::string& starts_on, const std::string& ends_on);

  // The standard methods of a kind by its message: Make(activity) is CreateJointActivity.
  template <typename T>
  absl::StatusOr<T> Make(const T& record, const std::string& token = "operator") {
    return Write("Create", record, token);
  }
  // Every field that is set.
  template <typename T>
  absl::StatusOr<T> Edit(const T& record, const std::string& token = "operator") {
    return Write("Update", record, token);
  }
  template <typename T>
  absl::StatusOr<T> Look(const std::string& id, const std::string& token = "operator") {
    type::v1::GetRequest request;
    request.set_id(id);
    return research_.Call<T>(MethodOf<T>("Get"), request, token);
  }
  template <typename T>
  absl::StatusOr<T> Drop(const std::string& id, const std::string& token = "operator") {
    type::v1::DeleteRequest request;
    request.set_id(id);
    return research_.Call<T>(MethodOf<T>("Delete"), request, token);
  }
  // Move<JointActivity>("Report", id) is ReportJointActivity.
  template <typename T>
  absl::StatusOr<T> Move(const std::string& verb, const std::string& id,
                         const std::string& token = "operator", const std::string& reason = "",
                         const std::string& effective_on = "") {
    type::v1::TransitionRequest request;
    request.set_id(id);
    request.set_reason(reason);
    request.set_effective_on(effective_on);
    return research_.Call<T>(MethodOf<T>(verb), request, token);
  }
  // A batch of this one record, by its id or by its external id of the system: the fields that it is refused
  // for, joined with spaces; empty if it is accepted. Upsert<BatchUpsertUnifiedTestsResponse>(test, "lead").
  template <typename Response, typename T>
  std::string Upsert(const T& record, const std::string& token, const std::string& system = "") {
    std::string method = Response::descriptor()->name();
    method.resize(method.size() - std::string("Response").size());
    const auto request = RequestWith(method, record);
    const auto* source = request->GetDescriptor()->FindFieldByName("source_system");
    request->GetReflection()->SetString(request.get(), source, system);
    const auto answer =
        research_.Call<Response>(T::descriptor()->name() + "Service/" + method, *request, token);
    if (!answer.ok()) return std::string(answer.status().ToString());
    std::string fields = answer->results(0).violations().empty() ? answer->results(0).message() : "";
    for (const auto& violation : answer->results(0).violations())
      fields += (fields.empty() ? "" : " ") + violation.field();
    return fields;
  }
  // Fails the test with the violations if the call failed.
  template <typename T>
  T Must(const absl::StatusOr<T>& answer) {
    EXPECT_TRUE(answer.ok()) << Explain(answer.status());
    return answer.ok() ? *answer : T();
  }
  static std::string Explain(const absl::Status& status);
  // The only violation's field; all of them joined with spaces otherwise.
  static std::string FieldsOf(const absl::Status& status);
  // Works off all that has moved in the registry.
  void Stamp();

  testing::TestService research_;
  // "near" and "far" may do everything in their counties, "city" in the city, "lead" and "member" for their
  // schools alone; "stranger" nothing.
  std::string near_school_, far_school_;
  std::string alliance_id_;         // near_school_ leads, far_school_ is a member.
  std::string county_alliance_id_;  // near_id_ leads, far_id_ is a member.
  std::string term_id_;             // 2023-2024-1: 2023-09-01 to 2024-01-31.
  std::string spring_term_id_;      // 2023-2024-2: 2024-02-20 to 2024-07-10.

 private:
  template <typename T>
  static std::string MethodOf(const std::string& verb) {
    return T::descriptor()->name() + "Service/" + verb + T::descriptor()->name();
  }
  template <typename T>
  absl::StatusOr<T> Write(const std::string& verb, const T& record, const std::string& token) {
    const auto request = RequestWith(verb, record);
    return research_.Call<T>(MethodOf<T>(verb), *request, token);
  }
  // "<verb><Noun>Request", or "<verb>Request" of a batch, that holds the record.
  static std::unique_ptr<google::protobuf::Message> RequestWith(const std::string& verb,
                                                                const google::protobuf::Message& record);
};

}  // namespace lianqiao::conformance
