// SPDX-License-Identifier: Apache-2.0
// What a paper says, apart from what happens to it: whether a change touches what others agreed to, signed or
// have on file. Used by the rules of plans, agreements and filings. Pure.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

#include "libs/resource/facts.h"

namespace lianqiao::resource {

// Whether somebody edits the record: not a step of its course, not a merger that moves what it refers to, and
// not an import, whose source keeps its own papers.
inline bool IsEdit(const Facts& facts) {
  return facts.method().rfind("Update", 0) == 0 ||
         (facts.method().rfind("BatchUpsert", 0) == 0 && !facts.imports());
}

// Whether two states of a record say something else, leaving out what the platform counts, where the paper
// lies, and `steps`, the fields of its course.
inline bool ContentDiffers(const google::protobuf::Message& before, const google::protobuf::Message& after,
                           const std::vector<std::string>& steps) {
  const auto content = [&](const google::protobuf::Message& record) {
    std::unique_ptr<google::protobuf::Message> copy(record.New());
    copy->CopyFrom(record);
    std::vector<std::string> left_out = {"revision",    "etag",         "update_time",
                                         "delete_time", "external_ids", "evidence"};
    left_out.insert(left_out.end(), steps.begin(), steps.end());
    for (const std::string& name : left_out) {
      const auto* field = copy->GetDescriptor()->FindFieldByName(name);
      if (field != nullptr) copy->GetReflection()->ClearField(copy.get(), field);
    }
    return copy->SerializeAsString();
  };
  return content(before) != content(after);
}

}  // namespace lianqiao::resource
