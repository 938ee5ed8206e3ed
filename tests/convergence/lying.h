// SPDX-License-Identifier: Apache-2.0
// What lies in what, said a second time for records that open downwards (`scope { audience_from }`): whoever
// has a grant on a place, or on what lies in it, reads what is open to that place; a school reads what is
// open to its county, and to the alliances in which it or its county has a part.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/convergence/check.h"
#include "tests/convergence/reach.h"

namespace lianqiao::convergence {

class Lying {
 public:
  // As the follower's own copy of the registry says it today; of a service that follows none: nothing.
  static Lying Today(Installation* follower);
  // As it ever was, from everything that was written in the registry, in all of its lives.
  static Lying Ever(const std::vector<Log>& logs);

  // With what opens downwards for it.
  Reach Complete(Reach reach) const;

 private:
  std::set<std::string> PlacesOf(const std::string& id) const;
  bool TakesPart(const std::set<std::string>& places, const std::string& alliance_id) const;

  std::map<std::string, std::set<std::string>> places_;   // Of a school or place: all above it, and itself.
  std::map<std::string, std::set<std::string>> parties_;  // Of an alliance.
};

}  // namespace lianqiao::convergence
