// SPDX-License-Identifier: Apache-2.0
// Who reads the feed, and how far behind they are: for metrics. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/feed/reader.h"

namespace lianqiao::sync {

class Consumers {
 public:
  // Of whom nothing was heard for so long, and who came after so many others, is not told of.
  static constexpr absl::Duration kForgotten = absl::Hours(24);
  static constexpr size_t kMax = 1000;

  struct Lag {
    std::string client_id;
    int64_t changes = 0;        // Behind the cursor of its last answer, of whatever kinds and places.
    double silent_seconds = 0;  // Since that answer.
  };

  // A client was given a cursor at these places. The last one counts, whatever it filters.
  void Note(const std::string& client_id, const feed::Places& places, absl::Time now);
  // The last position of a bucket, as far as this process knows.
  void SetHead(int bucket, int64_t position);
  // By client.
  std::vector<Lag> Lags(absl::Time now);

 private:
  struct Consumer {
    std::map<int, int64_t> positions;
    absl::Time answered;
  };
  std::mutex mutex_;
  std::map<std::string, Consumer> consumers_;
  std::map<int, int64_t> heads_;
};

}  // namespace lianqiao::sync
