// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/cursor.h"

#include "libs/base/ids.h"
#include "libs/base/limits.h"

namespace lianqiao::feed {
namespace {

constexpr char kPurpose[] = "lianqiao feed cursor";
constexpr uint64_t kVersion = 1;
constexpr size_t kDigestBytes = 8;
constexpr size_t kEpochBytes = 16;

}  // namespace

std::string SealCursor(const store::TokenKey& key, const Cursor& cursor) {
  Packer packer;
  packer.Number(kVersion);
  packer.Raw(base::IdBytes(cursor.epoch));
  packer.Raw(cursor.filter);
  packer.Raw(cursor.scope);
  packer.Number(cursor.places.size());
  for (const auto& [bucket, place] : cursor.places) {
    packer.Number(static_cast<uint64_t>(bucket));
    packer.Number(static_cast<uint64_t>(place.pos));
    packer.Raw(place.digest);
  }
  uint64_t ahead = 0;
  for (const int bucket : cursor.ahead) ahead |= uint64_t{1} << bucket;
  packer.Number(ahead);
  packer.Bytes(cursor.former_scope);
  if (!cursor.former_scope.empty()) {
    packer.Bytes(cursor.told_kind);
    packer.Bytes(cursor.told_id);
  }
  return Seal(key, kPurpose, packer.packed());
}

std::optional<Cursor> OpenCursor(const store::TokenKey& key, const std::string& text) {
  std::string packed;
  if (!Open(key, kPurpose, text, &packed)) return std::nullopt;
  Unpacker unpacker(std::move(packed));
  Cursor cursor;
  if (unpacker.Number() != kVersion) return std::nullopt;
  cursor.epoch = base::IdFromBytes(unpacker.Raw(kEpochBytes));
  cursor.filter = unpacker.Raw(kFilterHashBytes);
  cursor.scope = unpacker.Raw(kScopeHashBytes);
  const uint64_t count = unpacker.Number();
  for (uint64_t i = 0; i < count && i < base::kFeedBucketsMax && unpacker.ok(); ++i) {
    const int bucket = static_cast<int>(unpacker.Number());
    Place& place = cursor.places[bucket];
    place.pos = static_cast<int64_t>(unpacker.Number());
    place.digest = unpacker.Raw(kDigestBytes);
  }
  const uint64_t ahead = unpacker.Number();
  for (int bucket = 0; bucket < base::kFeedBucketsMax; ++bucket) {
    if ((ahead >> bucket & 1) != 0) cursor.ahead.insert(bucket);
  }
  cursor.former_scope = unpacker.Bytes();
  if (!cursor.former_scope.empty()) {
    cursor.told_kind = unpacker.Bytes();
    cursor.told_id = unpacker.Bytes();
  }
  if (!unpacker.done()) return std::nullopt;
  return cursor;
}

}  // namespace lianqiao::feed
