// SPDX-License-Identifier: Apache-2.0
// Strings to gRPC's buffers and back. For this folder only.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <string>
#include <utility>
#include <vector>

namespace lianqiao::rpc {

inline std::string Bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

inline grpc::ByteBuffer Buffer(const std::string& bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return grpc::ByteBuffer(&slice, 1);
}

// Without a copy: a stream's messages are large.
inline grpc::ByteBuffer Buffer(std::string&& bytes) {
  auto* const held = new std::string(std::move(bytes));
  const grpc::Slice slice(
      held->data(), held->size(), [](void* string) { delete static_cast<std::string*>(string); }, held);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace lianqiao::rpc
