// SPDX-License-Identifier: Apache-2.0
// The planted bugs (libs/base/mutant.h) that the harness must catch.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace lianqiao::convergence {

struct Mutant {
  const char* name;
  const char* what;
};

inline const std::vector<Mutant>& Mutants() {
  static const std::vector<Mutant> mutants = {
      {"sequence-order",
       "the feed goes on behind the newest change that was read, as one behind a sequence does"},
      {"time-order", "changes of a bucket are handed out in the order of their times"},
      {"reply-before-commit", "the answer does not wait for what COMMIT says"},
      {"counter-outside-transaction", "positions are taken in a transaction of their own before the write's"},
      {"no-version-guard", "the consumer applies revisions that are older than what it holds"},
      {"page-cut-in-transaction", "a page may end within a transaction's changes"},
      {"tail-from-last-page", "a snapshot's cursor is read with its last page"},
      {"missing-leave", "whoever may see a record no longer is not told"},
      {"cancel-after-commit", "a lost answer to COMMIT is taken for a failure, and the write is run again"},
      {"retry-without-key", "what is run again after an unknown outcome does not look at its key"},
      {"digest-check-off", "a cursor's digests are not compared"},
      {"authorisation-on-request", "a writer's right is looked for in the request, not in the stored row"},
      {"reaper-by-now", "changes leave service by their times, whatever was under way"},
      {"erasure-without-history", "an erasure clears the record and not its former states"},
      {"party-for-ever", "whoever has left an alliance goes on reading what is open to it"},
      {"restamped-one-step-down", "what hangs on a record that was stamped anew is not stamped anew"},
      {"audience-sees-persons", "whoever reads what is open to its place is shown the personal fields too"},
      {"moved-without-stamp", "what hangs on a moved record of a followed service is not stamped anew"},
  };
  return mutants;
}

inline bool IsMutant(const std::string& name) {
  return std::any_of(Mutants().begin(), Mutants().end(), [&](const Mutant& one) { return name == one.name; });
}

}  // namespace lianqiao::convergence
