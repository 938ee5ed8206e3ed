// SPDX-License-Identifier: Apache-2.0
// Rules of files and of the quotas that they count against. Pure.
#pragma once

#include "absl/time/time.h"
#include "lianqiao/resources/v1/file.pb.h"
#include "lianqiao/resources/v1/storage_quota.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::resources {

// How long the bytes of a file are awaited, and its room kept free.
inline constexpr int kUploadDays = 7;

resource::Violations CheckFile(const v1::File* before, const v1::File& after, const resource::Facts& facts);
resource::Violations CheckStorageQuota(const v1::StorageQuota* before, const v1::StorageQuota& after,
                                       const resource::Facts& facts);

// Until when the bytes are awaited.
absl::Time UploadEnd(const v1::File& file);
// It shows pupils, and nobody has agreed to that.
bool StaysInside(const v1::File& file);

}  // namespace lianqiao::resources
