// SPDX-License-Identifier: Apache-2.0
// The figures that the seed documents state (tests/e2e/samples/*.csv), asked of a platform that holds the
// samples and compared by the operator that each fact states. The columns: tests/e2e/samples/README.md.
#pragma once

#include "tests/e2e/http.h"

namespace lianqiao::e2e {

// Fails the test for every figure that the platform answers otherwise; answers how many it asked.
int ExpectSampleFigures(HttpClient& client);

}  // namespace lianqiao::e2e
