// SPDX-License-Identifier: Apache-2.0
// What names one request: its request id and its place in a distributed trace (W3C Trace Context).
#pragma once

#include <string>
#include <string_view>

namespace lianqiao::gateway {

struct Identifiers {
  std::string request_id;
  // "00-<trace id>-<span id of this hop>-<flags>", for the upstream and for the answer.
  std::string trace_parent;
  bool continues_trace = false;  // The caller's trace goes on here.
  std::string_view trace_id() const { return std::string_view(trace_parent).substr(3, 32); }
};

// Takes what the caller sent if it is well-formed, else makes it.
Identifiers IdentifiersOf(std::string_view request_id, std::string_view trace_parent);

}  // namespace lianqiao::gateway
