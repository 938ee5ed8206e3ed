// SPDX-License-Identifier: Apache-2.0
// Rules of files and of the quotas that they count against. Pure.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "lianqiao/resources/v1/file.pb.h"
#include "lianqiao/resources/v1/storage_quota.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::resources {

// How long the bytes of a file are awaited, and its room kept free.
inline constexpr int kUploadDays = 7;
// How long what came of a file that was removed half sent takes room: longer than it lies there uncollected.
inline constexpr int kRemovedUploadHours = 24;

resource::Violations CheckFile(const v1::File* before, const v1::File& after, const resource::Facts& facts);
resource::Violations CheckStorageQuota(const v1::StorageQuota* before, const v1::StorageQuota& after,
                                       const resource::Facts& facts);

// Until when the bytes are awaited.
absl::Time UploadEnd(const v1::File& file);
// It shows pupils, and nobody has agreed to that.
bool StaysInside(const v1::File& file);
// "inside": the organisation above the one that the field names; who is authorised for either is inside.
resource::FactQuery Inside(const std::string& organisation_field);
// Facts: "inside".
void CheckIsInside(const std::string& organisation_id, const resource::Facts& facts,
                   resource::Violations* violations);
// What is said of minors and consent is for those inside to say, unless it keeps the record inside: a bureau
// would give itself what it may not see.
template <typename Record>
void CheckConsent(const Record* before, const Record& after, const std::string& organisation_id,
                  const resource::Facts& facts, resource::Violations* violations) {
  const bool said = before != nullptr && (before->shows_minors() != after.shows_minors() ||
                                          before->consent_basis() != after.consent_basis());
  const bool stays = after.shows_minors() && after.consent_basis().empty();
  if (said && !stays) CheckIsInside(organisation_id, facts, violations);
}

}  // namespace lianqiao::resources
