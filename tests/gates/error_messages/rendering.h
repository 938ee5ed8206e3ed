// SPDX-License-Identifier: Apache-2.0
// An error as a person reads it. Only for this gate.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "libs/rpc/client.h"
#include "tests/gates/error_messages/bad_requests.h"

namespace lianqiao::gates {

// What is said to a request in both languages; empty if it is not refused.
std::string RefusalOf(rpc::Client& client, const std::string& path, const google::protobuf::Message& request,
                      const std::string& authorization);

// The same from the request's text format, sent in both languages: what stands in the golden file. A request
// that is not refused fails the test. `authorization` may be empty; `package` with its dots.
std::string AnswersTo(rpc::Client& client, const std::string& package, const BadRequest& bad,
                      const std::string& request, const std::string& authorization);

}  // namespace lianqiao::gates
