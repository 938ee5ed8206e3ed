// SPDX-License-Identifier: Apache-2.0
// A list that grows to millions beside much short-lived memory: in few large pieces that the allocator takes
// from the system and gives back by themselves. Many small ones would lie scattered among what is freed, and
// keep its pages.
#pragma once

#include <cstddef>
#include <vector>

namespace lianqiao::bulk {

template <typename T>
class Pieces {
 public:
  void Add(const T& value) {
    if (pieces_.empty() || pieces_.back().size() == kPieceSize) {
      pieces_.emplace_back();
      pieces_.back().reserve(kPieceSize);
    }
    pieces_.back().push_back(value);
  }
  bool empty() const { return pieces_.empty(); }

  // All of them as one, and nothing is left here. Each piece goes when it has been copied.
  std::vector<T> Take() {
    std::vector<T> all;
    size_t size = 0;
    for (const auto& piece : pieces_) size += piece.size();
    all.reserve(size);
    for (auto& piece : pieces_) {
      all.insert(all.end(), piece.begin(), piece.end());
      std::vector<T>().swap(piece);
    }
    pieces_.clear();
    return all;
  }

 private:
  static constexpr size_t kPieceSize = 65536;
  std::vector<std::vector<T>> pieces_;
};

}  // namespace lianqiao::bulk
