// SPDX-License-Identifier: Apache-2.0
// The body of an HTTP request on its way to a client-streaming method: the options, then the bytes as they
// come. Holds one message that is being sent and about as much that has come meanwhile. For http_exchange.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "libs/rpc/stream.h"
#include "services/gateway/http_exchange.h"
#include "services/gateway/stream_shape.h"

namespace lianqiao::gateway {

// Everything runs on the connection's thread. Kept alive by what is under way and by the call's functions.
class UploadExchange : public std::enable_shared_from_this<UploadExchange> {
 public:
  // `offset`: of the first byte of the body in the whole file.
  UploadExchange(std::shared_ptr<HttpExchange> exchange, const StreamShape& shape,
                 std::unique_ptr<rpc::ClientStream> upstream, int64_t offset);
  void Run(std::string options);

 private:
  void ReadAnswer();
  void OnAnswer(std::optional<std::string> message);
  void Send(std::string message);
  void OnSent(bool ok);
  void OnPiece(std::optional<std::string> piece);
  void Pump();
  std::string Chunk();

  const std::shared_ptr<HttpExchange> exchange_;
  const std::shared_ptr<HttpCall> call_;
  const StreamShape shape_;
  const std::unique_ptr<rpc::ClientStream> upstream_;
  int64_t offset_;       // Of the first byte of pending_.
  std::string pending_;  // Read and not yet sent.
  bool reading_ = false;
  bool all_read_ = false;
  bool sending_ = false;
  bool all_sent_ = false;
  bool stopped_ = false;  // Nothing more is read or sent: the upstream has ended, or the client has gone.
  rpc::Answer answer_;
  bool answered_ = false;
};

}  // namespace lianqiao::gateway
