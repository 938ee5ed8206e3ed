// SPDX-License-Identifier: Apache-2.0
// Makes the records of a world as the operator. Ends the process if one is refused.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "tests/convergence/installation.h"
#include "tests/convergence/report.h"
#include "tests/convergence/world.h"

namespace lianqiao::convergence {

class Maker {
 public:
  Maker(Installation* installation, World* world) : world_(*world), installation_(installation) {}

  // "JurisdictionService/CreateJurisdiction" of the installation's service.
  template <typename Record>
  Record Make(const std::string& method, const google::protobuf::Message& request) {
    Record record;
    const absl::Status status = installation_->client()->CallAndWait(
        absl::StrCat("/", installation_->subject().package, ".", method), request, &record,
        {{rpc::kAuthorization, "Bearer operator"}, {rpc::kAcceptLanguage, "en"}},
        absl::Now() + absl::Seconds(60));
    std::string why = absl::StrCat("the world: ", method);
    const base::Failure failure = base::FailureOf(status);
    for (const auto& violation : failure.violations())
      absl::StrAppend(&why, "; ", violation.field(), ": ",
                      base::Describe(violation.reason(), violation.arguments(), base::Language::kEnglish));
    Require(status, why);
    return record;
  }
  // The same, and the world knows it under its kind.
  template <typename Record>
  Record Keep(const std::string& kind, const std::string& method, const google::protobuf::Message& request) {
    Record record = Make<Record>(method, request);
    world_.records[kind].emplace_back(record.id(), record.SerializeAsString());
    return record;
  }
  absl::Time now() { return installation_->clock().Now(); }

 protected:
  World& world_;

 private:
  Installation* const installation_;
};

}  // namespace lianqiao::convergence
