// SPDX-License-Identifier: Apache-2.0
// An error as a person reads it. Only for this gate.
#pragma once

#include <string>

#include "libs/rpc/client.h"
#include "tests/gates/error_messages/bad_requests.h"

namespace lianqiao::gates {

// The request from its text format, sent in both languages: what stands in the golden file. A request that
// is not refused fails the test. `authorization` may be empty; `package` with its dots.
std::string AnswersTo(rpc::Client& client, const std::string& package, const BadRequest& bad,
                      const std::string& request, const std::string& authorization);

}  // namespace lianqiao::gates
