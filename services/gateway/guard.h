// SPDX-License-Identifier: Apache-2.0
// Who may come in: the token, then the limits of that client; nobody in particular is limited by address. The
// same for both fronts. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/gateway/limits.h"
#include "services/gateway/metrics.h"

namespace lianqiao::gateway {

// A client whose token is good. Limits of 0 mean the gateway's default.
struct KnownClient {
  std::string client_id;
  Limit limit;
};
// The call that a token came with, for the record of refusals; without a method there is nothing to record.
struct CallOrigin {
  std::string_view method;  // "/package.Service/Method", empty if the call names none of ours.
  std::string_view address;
  std::string_view request_id;
  std::string_view trace_id;
};

// Never blocks. UNAUTHENTICATED for a bad token, UNAVAILABLE if that cannot be told at the moment.
using VerifyToken =
    std::function<absl::StatusOr<KnownClient>(const std::string& token, const CallOrigin& origin)>;

struct Admission {
  absl::Status status;
  std::string client_id;       // Empty: nobody in particular.
  Limiter::Decision decision;  // Its slot is the call's place; hold it until the call ends.
  bool token_sent = false;
};

class Guard {
 public:
  struct Options {
    Limit client{500, 1000, 256, 8};
    Limit anonymous{50, 100, 32, 2};
    int concurrent_max = 2000;
    int streams_max = 1000;
  };
  // `verify` null: no token is good (a gateway without identity).
  Guard(Options options, VerifyToken verify, Metrics* metrics)
      : options_(options),
        verify_(std::move(verify)),
        metrics_(metrics),
        limiter_(options.concurrent_max, options.streams_max) {}

  Admission Admit(std::string_view authorization, const CallOrigin& origin, bool needs_token, int64_t now) {
    return Admit(authorization, origin, needs_token, now, Place::kCall);
  }
  // The same for a call of a streaming method, whichever side streams: opening it counts against the rate,
  // and its place is one of the client's streams, of which it may have fewer than calls.
  Admission AdmitStream(std::string_view authorization, const CallOrigin& origin, bool needs_token,
                        int64_t now) {
    return Admit(authorization, origin, needs_token, now, Place::kStream);
  }
  // Whether the token is good; charges nobody.
  bool Knows(std::string_view authorization) const;
  int running() const { return limiter_.running(); }
  int streams() const { return limiter_.running(Place::kStream); }

 private:
  Admission Admit(std::string_view authorization, const CallOrigin& origin, bool needs_token, int64_t now,
                  Place place);
  Limit Effective(const Limit& own) const;

  const Options options_;
  const VerifyToken verify_;
  Metrics* metrics_;
  Limiter limiter_;
};

// RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10); nothing if there is no rate.
void AddRateHeaders(const Limiter::Decision& decision, std::string* headers);

}  // namespace lianqiao::gateway
