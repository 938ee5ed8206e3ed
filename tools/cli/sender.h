// SPDX-License-Identifier: Apache-2.0
// One authorized POST to the platform's public API. What batches are sent through; tests put their own here.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace lianqiao::cli {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

class Sender {
 public:
  virtual ~Sender() = default;

  // Any answer but those worth a repetition, which it does by itself. UNAVAILABLE: none came.
  virtual absl::StatusOr<HttpAnswer> Post(const std::string& path, const std::string& body,
                                          const std::string& idempotency_key) = 0;
};

}  // namespace lianqiao::cli
