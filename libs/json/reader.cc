// SPDX-License-Identifier: Apache-2.0
#include "libs/json/reader.h"

#include <algorithm>

#include "libs/json/text.h"

namespace lianqiao::json {

using base::ErrorReason;

class Reader::Members {
 public:
  explicit Members(const MessagePlan& plan)
      : plan_(plan), words_((plan.fields.size() + 63) / 64), holders_(static_cast<size_t>(plan.oneofs), -1) {}

  bool MarkMet(const FieldPlan& field) {
    uint64_t& word = words_[static_cast<size_t>(field.index) / 64];
    const uint64_t mask = uint64_t{1} << field.index % 64;
    const bool first = (word & mask) == 0;
    word |= mask;
    return first;
  }

  // The member that has taken the field's oneof before it; null if none has.
  const FieldPlan* Rival(const FieldPlan& field) {
    if (field.oneof < 0) return nullptr;
    int& holder = holders_[static_cast<size_t>(field.oneof)];
    if (holder >= 0) return &plan_.fields[static_cast<size_t>(holder)];
    holder = field.index;
    return nullptr;
  }

 private:
  const MessagePlan& plan_;
  absl::InlinedVector<uint64_t, 2> words_;
  absl::InlinedVector<int, 4> holders_;
};

void Reader::Read(const MessagePlan& plan) {
  if (Body(plan, 1) && !document_.Ended()) Syntax("EOF");
}

bool Reader::Body(const MessagePlan& plan, int depth) {
  if (depth > options_.depth_max) {
    const std::string expected = "depth ≤ " + std::to_string(options_.depth_max);
    return Pass(ErrorReason::JSON_INVALID, {{"place", document_.Place()}, {"expected", expected}});
  }
  switch (plan.shape) {
    case Shape::kPlain:
      return Object(plan, depth, false);
    case Shape::kTimestamp:
    case Shape::kDuration:
      return Moment(plan);
    case Shape::kFieldMask:
      return FieldMask(plan);
    case Shape::kWrapper:
      return Element(plan.fields[0], depth, Write::kUnlessDefault, true);
    case Shape::kStruct:
      return Map(plan.fields[0], depth);
    case Shape::kValue:
      return Value(plan, depth);
    case Shape::kListValue:
      return List(plan.fields[0], depth);
    case Shape::kAny:
      return Any(plan, depth);
  }
  return false;
}

// `typed`: the object stands in an Any, whose "@type" has been read already.
bool Reader::Object(const MessagePlan& plan, int depth, bool typed) {
  if (document_.Peek() != '{') return WrongType("object") != Result::kStop;
  document_.Take();
  bool more = document_.Peek() != '}';
  if (!more) document_.Take();
  Members members(plan);
  Descend(Step::Kind::kField);
  size_t expected = 0;
  while (more) {
    if (document_.Peek() != '"') return Syntax("\"");
    const std::string_view raw = document_.TakeString();
    std::string_view name = raw;
    if (HasBackslash(raw)) {
      const Result result = Unquote(raw, &unescaped_, &name);
      if (result == Result::kStop) return false;
      if (result == Result::kRefused) name = raw;
    }
    const FieldPlan* field = plan.ByName(name, expected);
    steps_.back().text = field != nullptr ? std::string_view(field->json_name) : raw;
    if (document_.Peek() != ':') return Syntax(":");
    document_.Take();
    if (field != nullptr) {
      expected = static_cast<size_t>(field->index) + 1;
      if (!Member(*field, depth, &members)) return false;
    } else if (typed && name == "@type") {
      if (!document_.TakeValue()) return Syntax("{ [ \" 0");
    } else if (!Pass(ErrorReason::FIELD_UNKNOWN)) {
      return false;
    }
    if (!Separator('}', &more)) return false;
  }
  Ascend();
  return true;
}

bool Reader::Member(const FieldPlan& field, int depth, Members* members) {
  if (!members->MarkMet(field)) return Pass(ErrorReason::FIELD_DUPLICATE);
  if (document_.Peek() == 'n' && !field.TakesNull() && document_.IsNull()) {
    document_.Take();
    return true;
  }
  if (const FieldPlan* rival = members->Rival(field)) {
    steps_.back().text = rival->json_name;
    const std::string other = Path();
    steps_.back().text = field.json_name;
    Refuse(ErrorReason::FIELD_CONFLICT, {{"other", other}});
  }
  return Field(field, depth);
}

bool Reader::Field(const FieldPlan& field, int depth) {
  if (field.map) return Map(field, depth);
  if (field.repeated) return List(field, depth);
  return Element(field, depth, field.presence ? Write::kAlways : Write::kUnlessDefault, true);
}

bool Reader::Element(const FieldPlan& field, int depth, Write write, bool tagged) {
  if (field.kind == Kind::kMessage) {
    field.tag.AppendTo(&wire_);
    const size_t mark = wire_.BeginLength();
    if (!Body(*field.message, depth + 1)) return false;
    wire_.EndLength(mark);
    return true;
  }
  Scalar scalar;
  const Result result = ReadScalar(field, &scalar);
  if (result == Result::kGood) Emit(field, scalar, write, tagged);
  return result != Result::kStop;
}

bool Reader::List(const FieldPlan& field, int depth) {
  if (document_.Peek() != '[') return WrongType("array") != Result::kStop;
  document_.Take();
  if (document_.Peek() == ']') {
    document_.Take();
    return true;
  }
  size_t mark = 0;
  if (field.packed) {
    field.packed_tag.AppendTo(&wire_);
    mark = wire_.BeginLength();
  }
  Descend(Step::Kind::kItem);
  for (bool more = true; more; ++steps_.back().index) {
    if (!Element(field, depth, Write::kAlways, !field.packed) || !Separator(']', &more)) return false;
  }
  Ascend();
  if (field.packed) wire_.EndLength(mark);
  return true;
}

bool Reader::Map(const FieldPlan& field, int depth) {
  if (document_.Peek() != '{') return WrongType("object") != Result::kStop;
  document_.Take();
  bool more = document_.Peek() != '}';
  if (!more) document_.Take();
  struct Met {
    std::string key;  // As it stands on the wire.
    std::string_view raw;
  };
  absl::InlinedVector<Met, 4> keys;
  Descend(Step::Kind::kKey);
  while (more) {
    if (document_.Peek() != '"') return Syntax("\"");
    const std::string_view raw = document_.TakeString();
    steps_.back().text = raw;
    if (document_.Peek() != ':') return Syntax(":");
    document_.Take();
    field.tag.AppendTo(&wire_);
    const size_t mark = wire_.BeginLength();
    Scalar key;
    const Result result = MapKey(field.message->fields[0], raw, &key);
    if (result == Result::kStop) return false;
    Emit(field.message->fields[0], key, Write::kAlways, true);
    if (result == Result::kGood) keys.push_back({std::string(wire_.At(mark), wire_.size() - mark), raw});
    if (!Element(field.message->fields[1], depth, Write::kAlways, true)) return false;
    wire_.EndLength(mark);
    if (!Separator('}', &more)) return false;
  }
  std::stable_sort(keys.begin(), keys.end(), [](const Met& a, const Met& b) { return a.key < b.key; });
  for (size_t i = 1; i < keys.size(); ++i) {
    if (keys[i].key != keys[i - 1].key) continue;
    steps_.back().text = keys[i].raw;
    Refuse(ErrorReason::FIELD_DUPLICATE);
  }
  Ascend();
  return true;
}

// Behind a member or an element: a comma or the end.
bool Reader::Separator(char close, bool* more) {
  const char c = document_.Peek();
  if (c != ',' && c != close) return Syntax(close == '}' ? ", }" : ", ]");
  document_.Take();
  *more = c == ',';
  return true;
}

std::string Reader::Path() const {
  std::string path = options_.path_prefix;
  for (const Step& step : steps_) {
    switch (step.kind) {
      case Step::Kind::kField:
        if (step.text.empty()) break;  // In front of an object's first member.
        if (!path.empty()) path += '.';
        path += Clip(step.text, kShownBytes);
        break;
      case Step::Kind::kKey:
        path += "[\"" + Clip(step.text, kShownBytes) + "\"]";
        break;
      case Step::Kind::kItem:
        path += "[" + std::to_string(step.index) + "]";
        break;
    }
  }
  return path;
}

Reader::Result Reader::Refuse(ErrorReason reason, base::Arguments arguments) {
  if (violations_.size() < options_.violations_max)
    violations_.push_back(base::Refuse(Path(), reason, arguments));
  return Result::kRefused;
}

Reader::Result Reader::RefuseMember(std::string_view name, ErrorReason reason, base::Arguments arguments) {
  Descend(Step::Kind::kField, name);
  Refuse(reason, arguments);
  Ascend();
  return Result::kRefused;
}

bool Reader::Pass(ErrorReason reason, base::Arguments arguments) {
  const size_t before = violations_.size();
  Refuse(reason, arguments);
  if (document_.TakeValue()) return true;
  // Not even a value: then that is what is wrong with it.
  if (violations_.size() > before) violations_.pop_back();
  return Syntax("{ [ \" 0 true false null");
}

Reader::Result Reader::WrongType(const char* expected) {
  return Pass(ErrorReason::FIELD_WRONG_TYPE, {{"expected", expected}}) ? Result::kRefused : Result::kStop;
}

Reader::Result Reader::BadFormat(const char* expected) {
  return Refuse(ErrorReason::FIELD_BAD_FORMAT, {{"expected", expected}});
}

bool Reader::Syntax(const char* expected) {
  Refuse(ErrorReason::JSON_INVALID, {{"place", document_.Place()}, {"expected", expected}});
  return false;
}

}  // namespace lianqiao::json
