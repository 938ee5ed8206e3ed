// SPDX-License-Identifier: Apache-2.0
// JSON -> wire. One object reads one text. For this folder only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "libs/json/buffer.h"
#include "libs/json/document.h"
#include "libs/json/json.h"
#include "libs/json/number.h"
#include "libs/json/plan.h"

namespace lianqiao::json {

class Reader {
 public:
  Reader(const ReadOptions& options, Document* document, std::vector<base::Violation>* violations,
         Buffer* wire)
      : options_(options), document_(*document), violations_(*violations), wire_(*wire) {}

  // The text has been opened. The wire is good if no violation was added.
  void Read(const MessagePlan& plan);

 private:
  // kRefused: a violation was recorded and the value taken, reading goes on. kStop: the text is not JSON.
  enum class Result { kGood, kRefused, kStop };
  // Whether a value that is its type's default has to stand on the wire.
  enum class Write { kAlways, kUnlessDefault };

  // One step of the way to the value being read.
  struct Step {
    enum class Kind { kField, kKey, kItem };
    Kind kind = Kind::kField;
    std::string_view text;  // Of a field its name; of a key what stands between its quotes.
    int64_t index = 0;
  };

  // One scalar, ready for the wire: integers sign-extended, floating-point numbers by their bits.
  struct Scalar {
    uint64_t bits = 0;
    std::string_view text;
  };

  // The fields of an object that were met.
  class Members;

  // These return false when the reading has to stop.
  bool Body(const MessagePlan& plan, int depth);
  bool Object(const MessagePlan& plan, int depth, bool typed);
  bool Member(const FieldPlan& field, int depth, Members* members);
  bool Field(const FieldPlan& field, int depth);
  bool Element(const FieldPlan& field, int depth, Write write, bool tagged);
  bool List(const FieldPlan& field, int depth);
  bool Map(const FieldPlan& field, int depth);
  bool Entry(const FieldPlan& field, int depth);
  bool Separator(char close, bool* more);

  bool Moment(const MessagePlan& plan);
  bool FieldMask(const MessagePlan& plan);
  bool Value(const MessagePlan& plan, int depth);
  bool Any(const MessagePlan& plan, int depth);
  bool FindType(std::string_view* url, bool* found);
  bool TypedBody(const MessagePlan& plan, int depth);

  Result ReadScalar(const FieldPlan& field, Scalar* scalar);
  Result ReadString(std::string_view* text);
  Result ReadBytes(Scalar* scalar);
  Result ReadBool(Scalar* scalar);
  Result ReadEnum(const EnumPlan& plan, Scalar* scalar);
  Result ReadNumber(const FieldPlan& field, Scalar* scalar);
  Result MapKey(const FieldPlan& field, std::string_view text, Scalar* scalar);
  Result Convert(Kind kind, const NumberToken& number, Scalar* scalar);
  Result Integral(Kind kind, NumberToken number, Scalar* scalar);
  Result Floating(Kind kind, const NumberToken& number, Scalar* scalar);
  void Emit(const FieldPlan& field, const Scalar& scalar, Write write, bool tagged);

  Result Unquote(std::string_view raw, std::string* space, std::string_view* text);

  void Descend(Step::Kind kind, std::string_view text = {}) { steps_.push_back(Step{kind, text, 0}); }
  void Ascend() { steps_.pop_back(); }
  std::string Path() const;
  // These record a violation at the value that the steps lead to.
  Result Refuse(base::ErrorReason reason, base::Arguments arguments = {});
  Result RefuseMember(std::string_view name, base::ErrorReason reason, base::Arguments arguments = {});
  // Refuses the value ahead and takes it.
  bool Pass(base::ErrorReason reason, base::Arguments arguments = {});
  Result WrongType(const char* expected);
  Result BadFormat(const char* expected);
  bool Syntax(const char* expected);

  const ReadOptions& options_;
  Document& document_;
  std::vector<base::Violation>& violations_;
  Buffer& wire_;
  absl::InlinedVector<Step, 16> steps_;  // Where the reading stopped, they are left as they are.
  std::string unescaped_;                // Of the string read last.
  std::string decoded_;
};

// How much of what the caller sent a message about it shows.
inline constexpr size_t kShownBytes = 100;

// What JSON calls a kind's values, for messages.
const char* ExpectedType(Kind kind);

}  // namespace lianqiao::json
