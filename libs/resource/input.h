// SPDX-License-Identifier: Apache-2.0
// From what a client sent to the record as it shall be: text normalised, platform fields protected, masks
// applied, every violation collected. Pure. Only for libs/resource.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/resource/core.h"

namespace google::protobuf {
class FieldMask;
}

namespace lianqiao::resource {

// A new record from the client's: refuses an id and other platform fields (state only with the import right),
// begins states with their first value. `path`: "organisation" or "organisations[3]".
std::unique_ptr<Message> NewRecord(const Call& call, const ResourcePlan& resource, const Message& given,
                                   const std::string& path, Violations* violations);

// `before` with the masked fields of `given`; without a mask with every field that is set in it.
std::unique_ptr<Message> UpdatedRecord(const Call& call, const ResourcePlan& resource, const Message& before,
                                       const Message& given, const google::protobuf::FieldMask* mask,
                                       const std::string& path, Violations* violations);

// Whether a platform-written field gets a value that only `<permission>.import` may give: that right must
// hold where the record lies.
bool Imports(const Call& call, const ResourcePlan& resource, const Message* before, const Message& after);

// Names of the fields whose stored values differ; engine fields left out.
std::vector<std::string> ChangedFields(const ResourcePlan& resource, const Message& before,
                                       const Message& after);

// Field rules, immutability and allowed source systems of the record as it shall be.
void CheckRecord(const Call& call, const ResourcePlan& resource, const Message* before, const Message& after,
                 const std::string& path, Violations* violations);

// Sets id, revision, times and etag.
void Stamp(const ResourcePlan& resource, const std::string& id, int64_t revision, absl::Time create_time,
           absl::Time now, Message* record);
// The next revision of a stored record.
void StampNext(const ResourcePlan& resource, const Message& before, absl::Time now, Message* record);

}  // namespace lianqiao::resource
