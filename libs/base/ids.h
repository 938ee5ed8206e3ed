// SPDX-License-Identifier: Apache-2.0
// UUIDs as text (36 characters, lower case) and as 16 raw bytes.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace lianqiao::base {

// RFC 9562 version 7: milliseconds since the epoch, then random bits; sorts by time.
std::string NewId(absl::Time now);

// RFC 9562 version 5 in this project's namespace: the first id of an imported record (design §4).
std::string ImportedId(const std::string& kind, const std::string& source_system,
                       const std::string& source_id);

// Version 4, for tokens and request ids.
std::string RandomId();

bool IsId(const std::string& text);

// 16 bytes of a valid id; empty if it is none.
std::string IdBytes(const std::string& text);
std::string IdFromBytes(const std::string& bytes);

// n bytes from the operating system's generator.
std::string RandomBytes(size_t n);

std::string Sha256(const std::string& bytes);
std::string Hex(const std::string& bytes);

// RFC 4648 §5 without padding; Decode answers false on anything else.
std::string Base64Url(const std::string& bytes);
bool FromBase64Url(const std::string& text, std::string* bytes);

// The feed's bucket of a root id: the first 4 bytes of sha256(id bytes), big-endian, modulo `buckets`.
int FeedBucket(const std::string& root_id, int buckets);

}  // namespace lianqiao::base
