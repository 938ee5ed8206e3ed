// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/merged_cursor.h"

#include <algorithm>

#include "services/gateway/sync/sealed.h"

namespace lianqiao::gateway::sync {
namespace {

void PutCursor(const Cursor& cursor, std::string* body) {
  PutNumber(cursor.size(), body);
  for (const auto& [service, part] : cursor) {
    PutText(service, body);
    PutToken(part, body);
  }
}

// Services stand in order of their names, each once.
bool TakeCursor(std::string_view* body, Cursor* cursor) {
  uint64_t count = 0;
  if (!TakeNumber(body, &count) || count > kServicesMax) return false;
  std::string last;
  for (uint64_t i = 0; i < count; ++i) {
    std::string service;
    std::string part;
    if (!TakeText(body, kServiceNameBytesMax, &service) || !IsServiceName(service) || service <= last)
      return false;
    if (!TakeToken(body, &part) || part.empty()) return false;
    last = service;
    cursor->emplace(std::move(service), std::move(part));
  }
  return true;
}

}  // namespace

std::string PackCursor(const Cursor& cursor) {
  std::string body;
  PutCursor(cursor, &body);
  return Seal(Sealed::kCursor, body);
}

std::optional<Cursor> UnpackCursor(const std::string& text) {
  Cursor cursor;
  if (text.empty()) return cursor;
  std::string body;
  if (!Unseal(Sealed::kCursor, text, &body)) return std::nullopt;
  std::string_view rest = body;
  if (!TakeCursor(&rest, &cursor) || !rest.empty()) return std::nullopt;
  return cursor;
}

void SetPart(const std::string& service, const std::string& part, Cursor* cursor) {
  if (part.empty()) {
    cursor->erase(service);
  } else {
    (*cursor)[service] = part;
  }
}

std::string PackSnapshotToken(const SnapshotToken& token) {
  std::string body;
  PutCursor(token.cursor, &body);
  PutNumber(token.rest.size(), &body);
  for (const auto& [service, part] : token.rest) {
    PutText(service, &body);
    PutToken(part, &body);
  }
  return Seal(Sealed::kSnapshotToken, body);
}

std::optional<SnapshotToken> UnpackSnapshotToken(const std::string& text) {
  std::string body;
  SnapshotToken token;
  uint64_t count = 0;
  if (!Unseal(Sealed::kSnapshotToken, text, &body)) return std::nullopt;
  std::string_view rest = body;
  if (!TakeCursor(&rest, &token.cursor) || !TakeNumber(&rest, &count)) return std::nullopt;
  if (count == 0 || count > kSnapshotEntriesMax) return std::nullopt;
  for (uint64_t i = 0; i < count; ++i) {
    std::string service;
    std::string part;
    if (!TakeText(&rest, kServiceNameBytesMax, &service) || !IsServiceName(service)) return std::nullopt;
    if (!TakeToken(&rest, &part) || part.empty()) return std::nullopt;
    token.rest.emplace_back(std::move(service), std::move(part));
  }
  if (!rest.empty()) return std::nullopt;
  return token;
}

std::vector<SnapshotToken> DivideSnapshot(const Cursor& cursor,
                                          const std::vector<std::pair<std::string, std::string>>& entries,
                                          size_t token_count) {
  std::vector<SnapshotToken> tokens(std::min(std::max<size_t>(token_count, 1), entries.size()));
  for (SnapshotToken& token : tokens) token.cursor = cursor;
  for (size_t i = 0; i < entries.size(); ++i) tokens[i % tokens.size()].rest.push_back(entries[i]);
  return tokens;
}

}  // namespace lianqiao::gateway::sync
