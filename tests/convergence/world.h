// SPDX-License-Identifier: Apache-2.0
// The small world in which histories play, made once per process: a province, a city, three counties, their
// schools, alliances; for a service that follows also records of its own. And what writers know of it as a
// history goes on.
#pragma once

#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "tests/convergence/copy.h"
#include "tests/convergence/subject.h"

namespace lianqiao::convergence {

struct World {
  std::string database;  // The subject's tables; copied for every history, used by nobody.
  std::string followed;  // Those of the registry beside it, as its copy has them; empty: it follows none.
  std::string root_id;
  std::string city_id;
  std::vector<std::string> county_ids;
  std::vector<std::string> school_ids;
  std::vector<std::string> alliance_ids;  // Of each, three schools in a row are members, the first leads.
  std::vector<std::string> membership_ids;
  std::string term_id;    // Of a world that has one.
  std::string office_id;  // That reviews for the city; as before.
  // A follower's own, by kind: id and wire bytes, in the order of their making.
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> records;
  std::map<Key, std::string> persons;  // What tells who a record is about.
};

// Ends the process if the world cannot be made.
const World& BaseWorld(const Subject& subject);

// The records of each world; as Subject has them.
void FillRegistry(Installation* installation, World* world);
void FillExchange(Installation* installation, World* world);
void PrepareResearch(Installation* registry, World* world);
void FillResearch(Installation* installation, World* world);
void PrepareResources(Installation* registry, World* world);
void FillResources(Installation* installation, World* world);

// Records that writers choose from, as the newest answer that one of them was given has them. Thread-safe.
class Known {
 public:
  explicit Known(const std::vector<std::string>& ids) : ids_(ids) {}
  explicit Known(const std::vector<std::pair<std::string, std::string>>& records) {
    for (const auto& [id, bytes] : records) Put(id, bytes);
  }
  void Put(const std::string& id, const std::string& bytes) {
    const std::lock_guard lock(mutex_);
    if (bytes_.count(id) == 0) ids_.push_back(id);
    bytes_[id] = bytes;
  }
  std::string Any(std::minstd_rand* random) const {
    const std::lock_guard lock(mutex_);
    return ids_[(*random)() % ids_.size()];
  }
  std::string Bytes(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = bytes_.find(id);
    return found == bytes_.end() ? "" : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> ids_;
  std::map<std::string, std::string> bytes_;
};

}  // namespace lianqiao::convergence
