// SPDX-License-Identifier: Apache-2.0
// Every limit that more than one library must agree on. Limits of one library stand in its Options.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lianqiao::base {

// 4 MiB: a BatchUpsert of 500 large records fits; an import streams and does not need more (reliability.md
// 21).
inline constexpr size_t kMessageBytesMax = 4u << 20;
// Nesting of JSON and of protobuf messages.
inline constexpr int kMessageDepthMax = 32;
inline constexpr int kPageSizeDefault = 100;
inline constexpr int kPageSizeMax = 1000;
// A page ends with the record that reaches this, so that it fits into the 4 MiB that gRPC clients take by
// default.
inline constexpr size_t kPageBytesMax = 3u << 20;
inline constexpr int kBatchUpsertRecordsMax = 500;
inline constexpr int kBatchGetIdsMax = 1000;
// A filter longer than this is refused before it is parsed; terms bound the SQL that it becomes.
inline constexpr size_t kFilterBytesMax = 4096;
inline constexpr int kFilterTermsMax = 64;
inline constexpr int kFilterDepthMax = 16;
// What a string field may hold if its contract says nothing.
inline constexpr int kStringCharactersMax = 200;
inline constexpr int kRepeatedItemsMax = 100;
// A write that has not committed after this is given up; `read_time` younger than it is refused, so a read in
// the past can never miss a write that was under way (issue 2, §2).
inline constexpr int kWriteSecondsMax = 60;
inline constexpr int kFeedBucketsDefault = 16;
inline constexpr int kFeedBucketsMax = 32;
inline constexpr int kIdempotencyDays = 7;
inline constexpr size_t kRequestIdCharactersMax = 128;

}  // namespace lianqiao::base
