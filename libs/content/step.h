// SPDX-License-Identifier: Apache-2.0
// One change of the disk: whatever makes one is told which it is, so that none can be left out of the tests
// that die behind each of them. For this folder only.
#pragma once

#include <functional>

#include "libs/base/fault_point.h"

namespace lianqiao::content {

class Step {
 public:
  Step(base::FaultPoint point, const std::function<void(const char* step)>& told)
      : point_(point), told_(told) {}
  // It is done.
  void Done() const {
    base::PassFaultPoint(point_);
    if (told_ != nullptr) told_(point_.name().data());
  }

 private:
  const base::FaultPoint point_;
  const std::function<void(const char* step)>& told_;
};

}  // namespace lianqiao::content
