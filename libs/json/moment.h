// SPDX-License-Identifier: Apache-2.0
// Timestamps, durations and field masks as JSON text, both ways. For this folder only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lianqiao::json {

inline constexpr int64_t kTimestampSecondsMin = -62135596800;  // 0001-01-01T00:00:00Z
inline constexpr int64_t kTimestampSecondsMax = 253402300799;  // 9999-12-31T23:59:59Z
inline constexpr int64_t kDurationSecondsMax = 315576000000;
inline constexpr int kMomentCharactersMax = 40;

// Formatters: `out` has room for kMomentCharactersMax; they return the end, or null if the value is out of
// range.
char* FormatTimestamp(int64_t seconds, int64_t nanos, char* out);
char* FormatDuration(int64_t seconds, int64_t nanos, char* out);

enum class Moment { kGood, kBadFormat, kOutOfRange };

// RFC 3339 with Z or an offset, up to nine digits of a second.
Moment ParseTimestamp(std::string_view text, int64_t* seconds, int32_t* nanos);
// "-1.5s".
Moment ParseDuration(std::string_view text, int64_t* seconds, int32_t* nanos);

// display_name -> displayName and back (which takes both styles, but not mixed); `a.b_c` likewise. False if
// the text is no path or would not come back.
bool AppendCamelPath(std::string_view path, std::string* out);
bool AppendSnakePath(std::string_view path, std::string* out);

}  // namespace lianqiao::json
