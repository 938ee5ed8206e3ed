// SPDX-License-Identifier: Apache-2.0
// The service behind both gateways of the benchmark: answers with the bytes it was sent. Its one argument is
// the address to listen on, such as unix:/path.
#include <cstdio>

#include "libs/rpc/server.h"
#include "libs/runtime/signals.h"

namespace lianqiao::bench {
namespace {

int Run(const char* listen) {
  const runtime::Signals signals;
  rpc::Server::Options options;
  options.listen = {listen};
  rpc::Server server(std::move(options));
  server.Bind("/lianqiao.bench.v1.EchoService/Echo",
              [](const std::shared_ptr<const rpc::CallContext>&, std::string request, const rpc::Done& done) {
                rpc::Reply reply;
                reply.bytes = std::move(request);
                done(std::move(reply));
              });
  if (const absl::Status status = server.Start(); !status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  signals.Wait();
  server.Drain(absl::Seconds(1));
  return 0;
}

}  // namespace
}  // namespace lianqiao::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: gateway_echo ADDRESS\n");
    return 2;
  }
  return lianqiao::bench::Run(argv[1]);
}
