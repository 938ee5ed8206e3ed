// SPDX-License-Identifier: Apache-2.0
// The first half of a job: reads the submission, resolves what its lines call records, puts them in order and
// into blocks. Begun anew if it is interrupted.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "libs/bulk/decoder.h"
#include "libs/bulk/job_environment.h"
#include "libs/bulk/ledger.h"
#include "libs/bulk/resolver.h"
#include "libs/bulk/source.h"

namespace lianqiao::bulk {

class Stager {
 public:
  Stager(const JobEnvironment& environment, const ImportRow& row, const Ledger& ledger);

  // Reads some more; true: all is in order. An error that IsClients ends the import.
  absl::StatusOr<bool> Step();
  // After that.
  std::unique_ptr<Lines> TakeLines() { return std::move(lines_); }

 private:
  absl::Status Begin();
  absl::StatusOr<std::string> ReadChunk(int number) const;
  absl::Status Take(const SourceItem& item);
  absl::Status ResolveBatch();
  absl::Status Place(Line* line);
  void PlaceLevels(const Line& line);
  int StepOf(const contract::Resource& resource, bool removes, int level) const;
  int BucketOf(const Line& line) const;
  absl::Status Flush(bool all);
  absl::Status Order();
  absl::Status Restage();
  absl::Status RestageBlock(int number);
  absl::Status CheckSize() const;

  const JobEnvironment& environment_;
  const ImportRow& row_;
  const Ledger& ledger_;
  Decoder decoder_;
  Resolver resolver_;
  Source source_;
  std::unique_ptr<Lines> lines_ = std::make_unique<Lines>();
  Levels levels_;
  struct Trouble {
    Levels::Outcome outcome;
    uint32_t parent;
  };
  std::unordered_map<uint32_t, Trouble> troubles_;
  std::vector<Line> batch_;
  size_t batch_bytes_ = 0;
  std::unordered_map<std::string, std::vector<std::pair<int, std::string>>> stored_references_;
  Blocks blocks_;
  std::vector<LineError> errors_;
  bool begun_ = false;
  bool removes_ = false;
  int buckets_ = 1;
  int next_chunk_ = 0;
  int next_block_ = 0;
  int64_t records_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace lianqiao::bulk
