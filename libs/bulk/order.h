// SPDX-License-Identifier: Apache-2.0
// In which order the records of a submission are written: what is referred to before what refers to it, in
// whatever order the lines stand. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "libs/bulk/pieces.h"
#include "libs/contract/contract.h"

namespace lianqiao::bulk {

// The contract's reference graph. Kinds that refer to each other in a circle, or to themselves, share a rank:
// among them the single records decide.
class KindOrder {
 public:
  explicit KindOrder(const contract::Contract& contract);

  int RankOf(const contract::Resource& resource) const { return entries_.at(&resource).rank; }
  int ranks() const { return ranks_; }
  // References to kinds of the same service, single ones and lists.
  const std::vector<const contract::Field*>& References(const contract::Resource& resource) const {
    return entries_.at(&resource).references;
  }
  // Those of them to kinds of the same rank.
  const std::vector<const contract::Field*>& Tangled(const contract::Resource& resource) const {
    return entries_.at(&resource).tangled;
  }
  int IndexOf(const contract::Resource& resource) const { return entries_.at(&resource).index; }

 private:
  struct Entry {
    int index = 0;
    int rank = 0;
    std::vector<const contract::Field*> references;
    std::vector<const contract::Field*> tangled;
  };
  std::map<const contract::Resource*, Entry> entries_;
  int ranks_ = 0;
};

using IdBytes = std::array<unsigned char, 16>;
IdBytes IdBytesOf(const std::string& id);  // Of a valid id.

// Which line holds which record: 24 bytes per record.
class LineIndex {
 public:
  void Add(int kind, const IdBytes& id, uint32_t line) {
    added_.Add({id, line, static_cast<uint32_t>(kind)});
  }
  // Behind all that is added, before the calls below.
  void Sort();
  // Every line whose record stands on an earlier line too.
  void ForDuplicates(const std::function<void(uint32_t line, uint32_t first)>& told) const;
  // The first line with this record; 0: none.
  uint32_t Find(int kind, const IdBytes& id) const;

 private:
  struct Entry {
    IdBytes id;
    uint32_t line;
    uint32_t kind;
    bool operator<(const Entry& other) const;
  };
  Pieces<Entry> added_;
  std::vector<Entry> entries_;  // Sorted.
};

// Levels of records that refer to each other.
class Levels {
 public:
  // `line`'s record refers to that record, which may or may not be in the submission.
  void Add(uint32_t line, int kind, const IdBytes& parent) {
    edges_.Add({parent, line, static_cast<uint32_t>(kind)});
  }
  bool empty() const { return edges_.empty(); }

  enum class Outcome { kCircle, kBehindCircle };
  // Refused lines count for nothing. `told` hears of every line that cannot be placed: it is part of a
  // circle, or refers (through others) to one; then `parent` is the line it refers to.
  void Compute(const LineIndex& index, const std::vector<bool>& refused,
               const std::function<void(uint32_t line, Outcome, uint32_t parent)>& told);
  // 0: refers to no other line. After Compute.
  int LevelOf(uint32_t line) const { return line < levels_.size() ? levels_[line] : 0; }
  int deepest() const { return deepest_; }

 private:
  struct Edge {
    IdBytes parent;
    uint32_t line;
    uint32_t kind;
  };
  Pieces<Edge> edges_;
  std::vector<uint16_t> levels_;  // By line.
  int deepest_ = 0;
};

}  // namespace lianqiao::bulk
