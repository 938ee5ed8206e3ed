// SPDX-License-Identifier: Apache-2.0
// What one submission may hold. Chosen so that a job of any size stays within 100 MiB of memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace lianqiao::bulk {

inline constexpr int64_t kSubmissionBytesMax = int64_t{1} << 30;
inline constexpr size_t kChunkBytesMax = size_t{1} << 20;
inline constexpr int kUnfinishedMax = 8;  // Submissions of one client that have not ended.
inline constexpr int kKeptDays = 7;       // A submission, its errors and its receipt.

// A gzip file may unpack to this many times its size and no more than this many bytes.
inline constexpr int64_t kUnpackedRatioMax = 100;
inline constexpr int64_t kUnpackedBytesMax = int64_t{4} << 30;
// Before the ratio counts: a few hundred bytes of a very even file pack better than any bomb needs to.
inline constexpr int64_t kUnpackedBytesFree = int64_t{1} << 20;

inline constexpr size_t kLineBytesMax = size_t{1} << 20;
// Lines of the file, empty ones too: 24 bytes of memory each while they are put in order.
inline constexpr int64_t kLinesMax = 5000000;
inline constexpr int kColumnsMax = 500;

inline constexpr int kAtomicRecordsMax = 10000;
inline constexpr int64_t kAtomicBytesMax = int64_t{16} << 20;

// A chunk: one transaction of the job.
inline constexpr int kBlockRecordsMax = 500;
inline constexpr size_t kBlockBytesMax = size_t{1} << 20;
// Lines that wait for their chunk to fill, of all kinds and buckets together.
inline constexpr size_t kOpenBlocksBytesMax = size_t{16} << 20;
// Records that refer to each other through more levels than this are taken for a circle.
inline constexpr int kDepthMax = 10000;

// Without a sign of life for so long, a job is another worker's.
inline constexpr absl::Duration kLease = absl::Seconds(30);

}  // namespace lianqiao::bulk
