// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/grpc_caller.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <future>

#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace lianqiao::e2e {
namespace {

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status rich;
  google::rpc::ErrorInfo info;
  if (!rich.ParseFromString(status.error_details())) return "";
  for (const auto& detail : rich.details()) {
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return "";
}

}  // namespace

struct GrpcCaller::Stub {
  explicit Stub(const std::string& address) : stub(MakeChannel(address)) {}
  grpc::GenericStub stub;
};

GrpcCaller::GrpcCaller(const std::string& address, std::string token)
    : token_(std::move(token)), stub_(std::make_unique<Stub>(address)) {}

GrpcCaller::~GrpcCaller() = default;

absl::Status GrpcCaller::Call(const std::string& method, const google::protobuf::Message& request,
                              google::protobuf::Message* response, absl::Duration limit) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + limit));
  if (!token_.empty()) context.AddMetadata("authorization", "Bearer " + token_);
  const grpc::Slice slice(request.SerializeAsString());
  grpc::ByteBuffer sent(&slice, 1);
  grpc::ByteBuffer received;
  std::promise<grpc::Status> answer;
  stub_->stub.UnaryCall(&context, "/" + method, grpc::StubOptions(), &sent, &received,
                        [&answer](grpc::Status status) { answer.set_value(std::move(status)); });
  const grpc::Status status = answer.get_future().get();
  reason_ = ReasonOf(status);
  if (!status.ok())
    return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  grpc::Slice whole;
  if (!received.DumpToSingleSlice(&whole).ok() ||
      !response->ParseFromArray(whole.begin(), static_cast<int>(whole.size())))
    return absl::DataLossError("cannot read the answer of " + method);
  return absl::OkStatus();
}

}  // namespace lianqiao::e2e
