// SPDX-License-Identifier: Apache-2.0
// Wire -> JSON. One object writes one text. For this folder only.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "libs/json/buffer.h"
#include "libs/json/json.h"
#include "libs/json/plan.h"
#include "libs/json/wire.h"

namespace lianqiao::json {

class Writer {
 public:
  Writer(const WriteOptions& options, Buffer* out) : options_(options), out_(*out) {}

  absl::Status Write(const MessagePlan& plan, Wire wire);

 private:
  // kDisordered: a field occurs where plain walking cannot place it (twice, out of order, a map key again);
  // the message is then brought into canonical form and walked anew. kRefused: problem_ says why.
  enum class Outcome { kDone, kDisordered, kRefused };

  Outcome Refuse(const char* problem);
  Outcome Message(const MessagePlan& plan, Wire wire, int depth);
  Outcome Body(const MessagePlan& plan, Wire wire, int depth, bool canonical);
  Outcome Fields(const MessagePlan& plan, Wire wire, int depth, bool canonical);
  Outcome Field(const FieldPlan& field, uint32_t tag, Wire* wire, int depth);
  // What opens at `start` was written as ",…": the comma becomes the bracket.
  void Enclose(size_t start, char open, char close);
  void Key(const FieldPlan& field) {
    (options_.proto_names ? field.proto_key : field.json_key).AppendTo(&out_);
  }
  // The fields from `begin` to before `end`, none of which is on the wire.
  void Defaults(const MessagePlan& plan, size_t begin, size_t end);

  // A run of equal tags, from the first one on; written as ",element,element" or `,"key":value`.
  Outcome Elements(const FieldPlan& field, Wire* wire, int depth);
  Outcome Entries(const FieldPlan& field, Wire* wire, int depth);
  Outcome Packed(const FieldPlan& field, Wire part, int depth);

  Outcome Value(const FieldPlan& field, const Raw& raw, int depth);
  Outcome String(Wire text);
  void Enum(const EnumPlan& plan, int32_t number);
  void MapKey(const FieldPlan& field, const Raw& raw);
  template <typename Integer>
  void Integral(Integer value);
  void Quoted(uint64_t magnitude, bool negative);
  template <typename Float>
  void Floating(Float value);

  Outcome Moment(const MessagePlan& plan, Wire wire);
  Outcome FieldMask(const MessagePlan& plan, Wire wire);
  Outcome Bare(const MessagePlan& plan, Wire wire, int depth, bool canonical);
  Outcome Container(const MessagePlan& plan, Wire wire, int depth);
  Outcome Any(const MessagePlan& plan, Wire wire, int depth);

  const WriteOptions& options_;
  Buffer& out_;
  const char* problem_ = "";
};

}  // namespace lianqiao::json
