// SPDX-License-Identifier: Apache-2.0
// The small world in which histories play, made once per process: a province, a city, three counties, their
// schools, alliances; for teacher-exchange also teachers and their assignments. And what writers know of it
// as a history goes on.
#pragma once

#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "tests/convergence/subject.h"

namespace lianqiao::convergence {

struct World {
  std::string database;  // The subject's tables; copied for every history, used by nobody.
  std::string followed;  // Those of the registry beside it, as its copy has them; empty: it follows none.
  std::string root_id;
  std::string city_id;
  std::vector<std::string> county_ids;
  std::vector<std::string> school_ids;
  std::vector<std::string> alliance_ids;
  std::vector<std::string> membership_ids;
  std::vector<std::string> teacher_ids;
  std::vector<std::string> persons;  // Of these teachers.
  std::vector<std::string> assignment_ids;
};

// Ends the process if the world cannot be made.
const World& BaseWorld(const Subject& subject);

// Ids that writers choose from. Thread-safe.
class Known {
 public:
  explicit Known(std::vector<std::string> ids) : ids_(std::move(ids)) {}
  void Add(const std::string& id) {
    const std::lock_guard lock(mutex_);
    ids_.push_back(id);
  }
  std::string Any(std::minstd_rand* random) const {
    const std::lock_guard lock(mutex_);
    return ids_[(*random)() % ids_.size()];
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> ids_;
};

}  // namespace lianqiao::convergence
