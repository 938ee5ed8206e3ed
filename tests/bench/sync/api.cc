// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sync/api.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"

namespace lianqiao::bench {

namespace {

constexpr absl::Duration kLimit = absl::Seconds(60);

}  // namespace

absl::StatusOr<std::unique_ptr<Api>> Api::Connect(const Platform& platform, const std::string& target,
                                                  int connections) {
  ASSIGN_OR_RETURN(const access::Credentials credentials,
                   access::ReadCredentials(platform.credentials_file("feed")));
  return std::unique_ptr<Api>(new Api(platform, credentials, target, connections));
}

Api::Api(const Platform& platform, const access::Credentials& credentials, const std::string& target,
         int connections)
    : identity_({absl::StrCat("unix:", platform.sockets, "/gateway-internal.sock"), 1}),
      token_(&identity_, credentials),
      client_({target, connections}) {
  feed::RpcSource::Options options;
  options.client = &client_;
  options.authorize = [this](absl::Time deadline) { return token_.Authorization(deadline); };
  options.refused = [this](const std::string& authorization) { token_.Refused(authorization); };
  source_ = std::make_unique<feed::RpcSource>(options);
}

absl::StatusOr<std::string> Api::Authorization() {
  return token_.Authorization(absl::Now() + kLimit);
}

absl::Status Api::Call(const std::string& method, const google::protobuf::Message& request,
                       google::protobuf::Message* response) {
  ASSIGN_OR_RETURN(const std::string authorization, Authorization());
  return client_.CallAndWait(method, request, response, {{"authorization", authorization}},
                             absl::Now() + kLimit);
}

absl::StatusOr<std::unique_ptr<rpc::ClientStream>> Api::Open(const std::string& method,
                                                             const google::protobuf::Message& request) {
  ASSIGN_OR_RETURN(const std::string authorization, Authorization());
  auto stream = client_.Open(method, {{"authorization", authorization}}, absl::InfiniteFuture());
  // If it is not taken the call has ended, and the first read says how.
  stream->WriteAndWait(request.SerializeAsString());
  return stream;
}

int64_t CountField(const std::string& bytes, int number) {
  using google::protobuf::internal::WireFormatLite;
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()),
                                               static_cast<int>(bytes.size()));
  int64_t count = 0;
  while (const uint32_t tag = input.ReadTag()) {
    if (WireFormatLite::GetTagFieldNumber(tag) == number) ++count;
    if (!WireFormatLite::SkipField(&input, tag)) break;
  }
  return count;
}

}  // namespace lianqiao::bench
