// SPDX-License-Identifier: Apache-2.0
// One history of a service: a seed decides who writes, who reads, and what breaks meanwhile.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/convergence/report.h"
#include "tests/convergence/subject.h"

namespace lianqiao::convergence {

struct Verdict {
  std::vector<Violation> violations;
  int count = 0;
  std::vector<std::string> tale;       // What broke when, and the last events of the records concerned.
  std::map<std::string, int> figures;  // Writes, deliveries, faults.
  absl::Duration took;

  bool clean() const { return count == 0; }
};

Verdict Play(const Subject& subject, uint32_t seed, int number);

}  // namespace lianqiao::convergence
