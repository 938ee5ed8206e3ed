// SPDX-License-Identifier: Apache-2.0
// Where a reader of the feed stands: opaque and authenticated outside, this structure inside (design §6,
// reliability.md §2.5). Never trusted for rights, which are checked anew on every read.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "libs/feed/packing.h"
#include "libs/feed/reader.h"

namespace lianqiao::feed {

inline constexpr size_t kScopeHashBytes = 16;
inline constexpr size_t kFilterHashBytes = 8;

struct Cursor {
  std::string epoch;   // UUID of the history that it was made in.
  std::string filter;  // Hash of kinds and jurisdictions.
  std::string scope;   // Hash of the scopes that its reader had; see scopes.h.
  Places places;
  // Buckets of which the reader was shown a state that is newer than the place: the feed delivers records as
  // they are, and a snapshot reads past its cursor. If the history behind the place is lost in a restore,
  // what was shown of it must be read again, although the place itself still fits.
  std::set<int> ahead;
  // While a change of grants is being told: the scopes that the reader had before it, and the last record
  // that was told of (both empty: none yet; a kind of "~": all, only the tail still has to reach the head).
  std::string former_scope;
  std::string told_kind;
  std::string told_id;

  bool telling() const { return !former_scope.empty() && told_kind != kAllTold; }
  static constexpr char kAllTold[] = "~";
};

std::string SealCursor(const store::TokenKey& key, const Cursor& cursor);
// nullopt for anything that SealCursor did not make with this key.
std::optional<Cursor> OpenCursor(const store::TokenKey& key, const std::string& text);

}  // namespace lianqiao::feed
