// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/order.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

#include "libs/base/ids.h"
#include "libs/bulk/limits.h"

namespace lianqiao::bulk {

using contract::Field;
using contract::Resource;

namespace {

bool IsLocalReference(const Field& field) {
  const std::string& kind = field.rule->reference();
  return !kind.empty() && kind.find('/') == std::string::npos &&
         field.descriptor->cpp_type() == contract::FieldDescriptor::CPPTYPE_STRING;
}

}  // namespace

KindOrder::KindOrder(const contract::Contract& contract) {
  const auto& resources = contract.resources();
  const size_t n = resources.size();
  std::map<const Resource*, size_t> number;
  for (size_t i = 0; i < n; ++i) number[resources[i].get()] = i;
  std::vector<std::vector<bool>> reaches(n, std::vector<bool>(n, false));
  for (size_t i = 0; i < n; ++i) {
    Entry& entry = entries_[resources[i].get()];
    entry.index = static_cast<int>(i);
    for (const Field& field : resources[i]->fields) {
      const Resource* target = IsLocalReference(field) ? contract.FindKind(field.rule->reference()) : nullptr;
      if (target == nullptr) continue;
      entry.references.push_back(&field);
      reaches[i][number.at(target)] = true;
    }
  }
  for (size_t k = 0; k < n; ++k)
    for (size_t i = 0; i < n; ++i)
      for (size_t j = 0; j < n; ++j)
        if (reaches[i][k] && reaches[k][j]) reaches[i][j] = true;
  const auto together = [&](size_t i, size_t j) { return i == j || (reaches[i][j] && reaches[j][i]); };
  // A kind stands one above the highest that it reaches without being reached: at most n rounds.
  std::vector<int> ranks(n, 0);
  for (bool grows = true; grows;) {
    grows = false;
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) {
        if (!reaches[i][j]) continue;
        const int least = together(i, j) ? ranks[j] : ranks[j] + 1;
        if (ranks[i] >= least) continue;
        ranks[i] = least;
        grows = true;
      }
    }
  }
  for (size_t i = 0; i < n; ++i) {
    Entry& entry = entries_[resources[i].get()];
    entry.rank = ranks[i];
    ranks_ = std::max(ranks_, ranks[i] + 1);
    for (const Field* field : entry.references) {
      const size_t target = number.at(contract.FindKind(field->rule->reference()));
      if (together(i, target)) entry.tangled.push_back(field);
    }
  }
}

IdBytes IdBytesOf(const std::string& id) {
  IdBytes bytes = {};
  const std::string raw = base::IdBytes(id);
  std::memcpy(bytes.data(), raw.data(), std::min(raw.size(), bytes.size()));
  return bytes;
}

bool LineIndex::Entry::operator<(const Entry& other) const {
  return std::tie(kind, id, line) < std::tie(other.kind, other.id, other.line);
}

void LineIndex::Sort() {
  entries_ = added_.Take();
  std::sort(entries_.begin(), entries_.end());
}

void LineIndex::ForDuplicates(const std::function<void(uint32_t line, uint32_t first)>& told) const {
  const Entry* first = nullptr;
  for (const Entry& entry : entries_) {
    if (first != nullptr && first->kind == entry.kind && first->id == entry.id) {
      told(entry.line, first->line);
    } else {
      first = &entry;
    }
  }
}

uint32_t LineIndex::Find(int kind, const IdBytes& id) const {
  const Entry wanted{id, 0, static_cast<uint32_t>(kind)};
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), wanted);
  const bool same = found != entries_.end() && found->kind == wanted.kind && found->id == id;
  return same ? found->line : 0;
}

void Levels::Compute(const LineIndex& index, const std::vector<bool>& refused,
                     const std::function<void(uint32_t line, Outcome, uint32_t parent)>& told) {
  const auto gone = [&](uint32_t line) { return line < refused.size() && refused[line]; };
  std::vector<std::pair<uint32_t, uint32_t>> pairs;  // Parent's line, child's line.
  uint32_t last = 0;
  for (const Edge& edge : edges_.Take()) {
    const uint32_t parent = index.Find(static_cast<int>(edge.kind), edge.parent);
    if (parent == 0 || gone(parent) || gone(edge.line)) continue;
    pairs.emplace_back(parent, edge.line);
    last = std::max({last, parent, edge.line});
  }
  std::sort(pairs.begin(), pairs.end());
  levels_.assign(last + 1, 0);
  std::vector<uint32_t> waiting(last + 1, 0);  // References to lines that are not placed.
  for (const auto& [parent, child] : pairs) ++waiting[child];
  std::vector<uint32_t> ready;
  for (const auto& [parent, child] : pairs)
    if (waiting[parent] == 0 && (ready.empty() || ready.back() != parent)) ready.push_back(parent);
  const auto children = [&pairs](uint32_t parent) {
    return std::equal_range(pairs.begin(), pairs.end(), std::make_pair(parent, uint32_t{0}),
                            [](const auto& a, const auto& b) { return a.first < b.first; });
  };
  while (!ready.empty()) {
    const uint32_t parent = ready.back();
    ready.pop_back();
    const auto [begin, end] = children(parent);
    for (auto pair = begin; pair != end; ++pair) {
      const int level = std::min(levels_[parent] + 1, kDepthMax);
      if (levels_[parent] == kDepthMax) told(pair->second, Outcome::kCircle, 0);
      levels_[pair->second] = std::max(levels_[pair->second], static_cast<uint16_t>(level));
      deepest_ = std::max(deepest_, level);
      if (--waiting[pair->second] == 0) ready.push_back(pair->second);
    }
  }
  // What still waits is on a circle or behind one. Peeled from below, only circles (and ways between two of
  // them) are left.
  std::map<uint32_t, uint32_t> referred;  // Of what waits: by how many that wait.
  for (const auto& [parent, child] : pairs)
    if (waiting[child] > 0 && waiting[parent] > 0) ++referred[parent], referred.emplace(child, 0);
  std::map<uint32_t, std::vector<uint32_t>> parents;
  for (const auto& [parent, child] : pairs)
    if (waiting[child] > 0 && waiting[parent] > 0) parents[child].push_back(parent);
  std::vector<uint32_t> loose;
  for (const auto& [line, count] : referred)
    if (count == 0) loose.push_back(line);
  std::vector<std::pair<uint32_t, uint32_t>> behind;
  while (!loose.empty()) {
    const uint32_t line = loose.back();
    loose.pop_back();
    referred.erase(line);
    behind.emplace_back(line, parents[line].front());
    for (uint32_t parent : parents[line])
      if (--referred[parent] == 0) loose.push_back(parent);
  }
  for (const auto& [line, count] : referred) told(line, Outcome::kCircle, 0);
  for (const auto& [line, parent] : behind) told(line, Outcome::kBehindCircle, parent);
}

}  // namespace lianqiao::bulk
