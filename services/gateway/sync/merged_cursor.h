// SPDX-License-Identifier: Apache-2.0
// The cursor over all services, and the tokens of a snapshot over all of them. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lianqiao::gateway::sync {

// The cursor of each service as it gave it. A service that is not there is at the beginning; no part is
// empty.
using Cursor = std::map<std::string, std::string>;

// Never empty, also without parts: an empty text is what a caller sends that has read nothing yet.
std::string PackCursor(const Cursor& cursor);
// The empty text is the cursor without parts; nullopt for anything that PackCursor did not make.
std::optional<Cursor> UnpackCursor(const std::string& text);
// Sets a service's part; an empty one is none.
void SetPart(const std::string& service, const std::string& part, Cursor* cursor);

// What is still to be read of one part of a snapshot, in order, and the cursor to tail from afterwards.
struct SnapshotToken {
  Cursor cursor;
  std::vector<std::pair<std::string, std::string>> rest;  // (service, its token), at least one.
};
inline constexpr size_t kSnapshotEntriesMax = 4096;

std::string PackSnapshotToken(const SnapshotToken& token);
std::optional<SnapshotToken> UnpackSnapshotToken(const std::string& text);

// Divides the services' tokens over at most `token_count` of ours, one after the other, so that each holds
// about as many.
std::vector<SnapshotToken> DivideSnapshot(const Cursor& cursor,
                                          const std::vector<std::pair<std::string, std::string>>& entries,
                                          size_t token_count);

}  // namespace lianqiao::gateway::sync
