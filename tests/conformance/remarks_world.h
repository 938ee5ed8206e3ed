// SPDX-License-Identifier: Apache-2.0
// A service of its own that follows alliance-registry: remarks on its schools, and replies to them. Tests
// only.
#pragma once

#include <string>

#include "tests/conformance/registry_world.h"
#include "tests/conformance/testdata/remark.pb.h"

namespace lianqiao::conformance {

namespace remarks = remarktest::v1;

class RemarksWorld : public RegistryWorld {
 protected:
  RemarksWorld();

  absl::StatusOr<remarks::Remark> Say(const std::string& school, const std::string& token,
                                      const std::string& partner = "", const std::string& text = "说明");
  absl::StatusOr<remarks::Remark> Look(const std::string& id, const std::string& token = "operator");
  absl::Status See(const std::string& id, const std::string& token) { return Look(id, token).status(); }
  absl::Status Edit(const std::string& id, const std::string& token);
  // Of a background that works off all that has moved.
  void Stamp();

  testing::TestService remarks_;  // "near" and "far" may do everything in their counties.
  std::string near_school_, far_school_;
};

}  // namespace lianqiao::conformance
