// SPDX-License-Identifier: Apache-2.0
// A closed loop of unary gRPC calls: so many outstanding over so many connections, one thread, one completion
// queue, requests as bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace lianqiao::bench {

class LoadClient {
 public:
  LoadClient(const std::string& target, int connections, int outstanding);
  ~LoadClient();

  struct Result {
    int64_t operations = 0;
    double seconds = 0;
    double processor_seconds = 0;          // Of this process.
    std::vector<double> latencies_sorted;  // Milliseconds.
    double Rate() const { return static_cast<double>(operations) / seconds; }
    double Quantile(double q) const;
  };
  // Runs for `seconds`; `request` makes the bytes of call number n. The first failed call ends it with its
  // status.
  absl::StatusOr<Result> Run(const std::string& method, const std::string& token, double seconds,
                             const std::function<std::string(uint64_t n)>& request);

 private:
  struct Core;
  std::unique_ptr<Core> core_;
};

}  // namespace lianqiao::bench
