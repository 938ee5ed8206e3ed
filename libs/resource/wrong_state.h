// SPDX-License-Identifier: Apache-2.0
// The refusal of a step that a record's state does not admit, as the declared transitions give it: names of
// the contract, and its labels for people.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lianqiao/options/v1/options.pb.h"
#include "libs/base/status.h"
#include "libs/contract/contract.h"

namespace lianqiao::resource {

// `allowed`: "ACCEPTED, FROZEN".
template <typename State>
absl::Status WrongState(State now, const std::string& allowed) {
  const auto* type = google::protobuf::GetEnumDescriptor<State>();
  const auto label = [](const google::protobuf::EnumValueDescriptor& value) {
    return value.options().GetExtension(options::v1::label).zh();
  };
  std::vector<std::string> allowed_zh;
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(allowed, ", "))) {
    for (int i = 0; i < type->value_count(); ++i) {
      if (contract::ShortName(*type->value(i)) == name) allowed_zh.push_back(label(*type->value(i)));
    }
  }
  const auto& state = *type->FindValueByNumber(now);
  return base::Fail(absl::StatusCode::kFailedPrecondition, base::ErrorReason::WRONG_STATE,
                    {{"state", contract::ShortName(state)},
                     {"state_zh", label(state)},
                     {"allowed", allowed},
                     {"allowed_zh", absl::StrJoin(allowed_zh, "、")}});
}

}  // namespace lianqiao::resource
