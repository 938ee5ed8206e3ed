// SPDX-License-Identifier: Apache-2.0
// What a streaming method is over HTTP. All of it follows from the descriptors, so that a new method needs
// nothing here; README.md describes the forms.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace lianqiao::gateway {

struct StreamShape {
  using Field = const google::protobuf::FieldDescriptor*;
  enum class Kind {
    kNone,     // Nothing streams.
    kRecords,  // The answer is NDJSON or server-sent events.
    kFile,     // The answer's messages have a field `bytes content`: it is a file.
    kUpload    // The request's messages are options, then pieces of a file.
  };
  Kind kind = Kind::kNone;

  // kRecords. The only repeated message field: its elements are the lines. Null: the messages are.
  Field elements = nullptr;
  std::string element_name;  // "change" for `changes`; "message" without elements.
  // The first text field that request and response share by name: where to go on from.
  Field resume = nullptr;
  Field request_resume = nullptr;
  Field incomplete = nullptr;  // `repeated string incomplete_services`: who could not be asked.

  // kFile: of the response; kUpload: of the chunk.
  Field content = nullptr;
  Field content_type = nullptr;  // kFile, `string content_type`.
  Field offset = nullptr;        // `int64 offset`. kFile: of the request; kUpload: of the chunk.
  Field length = nullptr;        // kFile, `int64 length` of the request: no more than so many bytes.

  // kUpload: the request's oneof. Its first field is the options, which path, query and headers fill.
  Field options = nullptr;
  Field chunk = nullptr;
  Field format = nullptr;  // Enum `format` of the options: the content types that may be sent.
  Field gzip = nullptr;    // `bool gzip` of the options: content may be compressed.
};

// INVALID_ARGUMENT if the method has no form over HTTP: both sides stream, a request that is no oneof of
// options and chunks, records that could be taken for the gateway's own lines.
absl::StatusOr<StreamShape> ShapeOf(const google::protobuf::MethodDescriptor& method);

// The value of an upload's `format` for a Content-Type: FORMAT_NDJSON for "application/x-ndjson". Null if
// there is none.
const google::protobuf::EnumValueDescriptor* FormatOf(const StreamShape& shape,
                                                      const std::string& content_type);
// The content types that FormatOf knows for this upload; any, if the options have no `format`.
std::vector<std::string> ContentTypesOf(const StreamShape& shape);

}  // namespace lianqiao::gateway
