// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/feed_copy.h"

#include <gtest/gtest.h>
#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace lianqiao::e2e {
namespace {

std::string Sha256(const std::string& bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

uint64_t FirstEightBytes(const std::string& bytes) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

std::string Sha256Hex(const std::string& bytes) {
  return absl::BytesToHexString(Sha256(bytes));
}

void FeedCopy::Apply(const std::string& text) {
  const Json change(text);
  CopiedChange copied;
  copied.event = std::string(absl::StripPrefix(change.Text("/event"), "EVENT_"));
  copied.kind = change.Text("/kind");
  copied.id = change.Text("/id");
  copied.revision = change.Integer("/revision");
  copied.change_id = change.Text("/changeId");
  copied.place =
      absl::StrCat(change.Text("/service"), " ", change.Integer("/bucket"), " ", change.Integer("/position"));
  changes_.push_back(copied);
  if (copied.event == "SCOPE_CHANGED") return;
  // What follows a change of grants stands at no place of its own.
  const bool told_before = !change.Text("/operation").empty() && !places_.insert(copied.place).second;
  EXPECT_FALSE(told_before) << "told twice: " << text;
  int64_t& seen = seen_[copied.id];
  EXPECT_GE(copied.revision, seen) << "an older state after a newer one: " << text;
  if (copied.revision < seen) return;
  seen = copied.revision;
  if (copied.event == "ENTER" || copied.event == "UPSERT") {
    EXPECT_EQ(change.Text("/record/id"), copied.id) << text;
    held_[copied.kind][copied.id] = copied.revision;
  } else {
    EXPECT_TRUE(copied.event == "LEAVE" || copied.event == "DELETE") << text;
    EXPECT_FALSE(change.Has("/record")) << text;
    held_[copied.kind].erase(copied.id);
  }
}

std::map<std::string, int64_t> FeedCopy::Held(const std::string& kind) const {
  const auto found = held_.find(kind);
  return found == held_.end() ? std::map<std::string, int64_t>() : found->second;
}

std::string FeedCopy::LastEvent(const std::string& id) const {
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change)
    if (change->id == id) return change->event;
  return "";
}

std::string FeedCopy::Sum(const std::string& kind, const std::string& after_id,
                          const std::string& to_id) const {
  uint64_t sum = 0;
  for (const auto& [id, revision] : Held(kind)) {
    // Hex digits in small letters order as their bytes do.
    if ((!after_id.empty() && id <= after_id) || (!to_id.empty() && id > to_id)) continue;
    std::string hashed = kind;
    hashed.push_back('\0');
    hashed.append(absl::HexStringToBytes(absl::StrReplaceAll(id, {{"-", ""}})));
    for (int shift = 56; shift >= 0; shift -= 8) hashed.push_back(static_cast<char>(revision >> shift));
    sum += FirstEightBytes(Sha256(hashed));
  }
  return absl::StrFormat("%016x", sum);
}

}  // namespace lianqiao::e2e
