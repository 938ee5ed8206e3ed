// SPDX-License-Identifier: Apache-2.0
// Text into the pieces of one gzip file, as they are stored. For libs/bulk only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace lianqiao::bulk {

// Every piece of a file but the last has exactly this size, so that an offset names its piece.
inline constexpr size_t kExportChunkBytes = 256u << 10;

class ExportGzip {
 public:
  ExportGzip();  // Level 6; the same text gives the same bytes.
  ~ExportGzip();

  void Add(const std::string& text);
  // No text comes any more: the rest can be taken.
  void Finish();
  // A whole piece; after Finish also the last one. False: there is none yet.
  bool Take(std::string* chunk);

  int64_t size_bytes() const { return size_bytes_; }  // Compressed so far; final after Finish.
  std::string Sha256() const;                         // 32 bytes; after Finish.

 private:
  struct State;
  void Deflate(const std::string& text, bool last);

  std::unique_ptr<State> state_;
  std::string waiting_;  // Compressed and not taken; about two pieces at most if each is taken in time.
  int64_t size_bytes_ = 0;
  bool finished_ = false;
};

}  // namespace lianqiao::bulk
