// SPDX-License-Identifier: Apache-2.0
// What a consumer of the feed keeps, by the rules in feed.proto and digest.proto alone: which records it
// holds in which revision, and every change that it was told.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/e2e/json.h"

namespace lianqiao::e2e {

struct CopiedChange {
  std::string event;  // "ENTER"
  std::string kind;
  std::string id;
  int64_t revision = 0;
  std::string change_id;
  std::string place;  // Service, bucket and position: one change of the platform.
};

class FeedCopy {
 public:
  // `change` as JSON. Fails the test if it has come before or its record's revision goes back.
  void Apply(const std::string& change);
  // A record of a snapshot or of an export's file.
  void Hold(const std::string& kind, const std::string& id, int64_t revision) { held_[kind][id] = revision; }

  // Of one kind, by id.
  std::map<std::string, int64_t> Held(const std::string& kind) const;
  const std::map<std::string, std::map<std::string, int64_t>>& held() const { return held_; }
  const std::vector<CopiedChange>& changes() const { return changes_; }
  // "ENTER" of the last change of a record; empty if there was none.
  std::string LastEvent(const std::string& id) const;

  // The sum of digest.proto over the ids after `after_id` up to and with `to_id`; empty: no bound.
  std::string Sum(const std::string& kind, const std::string& after_id = "",
                  const std::string& to_id = "") const;

 private:
  std::map<std::string, std::map<std::string, int64_t>> held_;  // By kind, by id.
  std::map<std::string, int64_t> seen_;                         // Revisions, of what is gone too.
  std::set<std::string> places_;
  std::vector<CopiedChange> changes_;
};

// 64 hex digits.
std::string Sha256Hex(const std::string& bytes);

}  // namespace lianqiao::e2e
