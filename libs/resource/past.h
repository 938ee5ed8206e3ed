// SPDX-License-Identifier: Apache-2.0
// `read_time`: what the platform knew then, from the revision table. Only for libs/resource.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "libs/resource/core.h"

namespace lianqiao::resource {

std::optional<absl::Time> ReadTimeOf(const Call& call);

// READ_TIME_INVALID unless every write before `read_time` has ended (60 s ago) and history reaches back to
// it.
absl::Status CheckReadTime(postgres::Statements& statements, absl::Time read_time, absl::Time now);

// The record as of then; null if it did not exist yet.
absl::StatusOr<std::unique_ptr<Message>> StateAt(postgres::Statements& statements,
                                                 const ResourcePlan& resource, const std::string& id,
                                                 absl::Time read_time);

// Wire bytes of a revision as a record with its etag.
absl::StatusOr<std::unique_ptr<Message>> FromState(const ResourcePlan& resource, const std::string& state);

}  // namespace lianqiao::resource
