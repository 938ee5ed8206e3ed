// SPDX-License-Identifier: Apache-2.0
// The JSON reader's side of the messages whose JSON is not an object of their fields.
#include "libs/json/moment.h"
#include "libs/json/reader.h"
#include "libs/json/text.h"

namespace lianqiao::json {

using base::ErrorReason;

namespace {

constexpr char kTimestampSample[] = "2024-01-31T08:00:00Z";
constexpr char kDurationSample[] = "1.5s";
constexpr char kFieldMaskSample[] = "displayName,owner.id";
constexpr char kAnyTypeSample[] = "type.googleapis.com/package.Message";

}  // namespace

bool Reader::Moment(const MessagePlan& plan) {
  std::string_view text;
  const Result result = ReadString(&text);
  if (result != Result::kGood) return result != Result::kStop;
  const bool timestamp = plan.shape == Shape::kTimestamp;
  int64_t seconds = 0;
  int32_t nanos = 0;
  switch (timestamp ? ParseTimestamp(text, &seconds, &nanos) : ParseDuration(text, &seconds, &nanos)) {
    case json::Moment::kGood:
      break;
    case json::Moment::kBadFormat:
      BadFormat(timestamp ? kTimestampSample : kDurationSample);
      return true;
    case json::Moment::kOutOfRange:
      if (timestamp) {
        Refuse(ErrorReason::FIELD_OUT_OF_RANGE,
               {{"min", "0001-01-01T00:00:00Z"}, {"max", "9999-12-31T23:59:59.999999999Z"}});
      } else {
        Refuse(ErrorReason::FIELD_OUT_OF_RANGE, {{"min", "-315576000000s"}, {"max", "315576000000s"}});
      }
      return true;
  }
  Emit(plan.fields[0], Scalar{static_cast<uint64_t>(seconds), {}}, Write::kUnlessDefault, true);
  Emit(plan.fields[1], Scalar{static_cast<uint64_t>(int64_t{nanos}), {}}, Write::kUnlessDefault, true);
  return true;
}

bool Reader::FieldMask(const MessagePlan& plan) {
  std::string_view text;
  const Result result = ReadString(&text);
  if (result != Result::kGood) return result != Result::kStop;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    std::string path;
    const bool ends_in_comma = comma + 1 == text.size();
    if (!AppendSnakePath(text.substr(0, comma), &path) || ends_in_comma) {
      BadFormat(kFieldMaskSample);
      return true;
    }
    Emit(plan.fields[0], Scalar{0, path}, Write::kAlways, true);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return true;
}

bool Reader::Value(const MessagePlan& plan, int depth) {
  enum { kNull, kNumber, kText, kTruth, kStruct, kList };  // fields of Value, by number
  size_t field = kNumber;
  switch (document_.Peek()) {
    case '{':
      field = kStruct;
      break;
    case '[':
      field = kList;
      break;
    case '"':
      field = kText;
      break;
    case 't':
    case 'f':
      field = kTruth;
      break;
    case 'n':
      field = kNull;
      break;
    default:
      break;
  }
  return Element(plan.fields[field], depth, Write::kAlways, true);
}

// Looks through the object ahead for its "@type", which may stand anywhere, and comes back.
bool Reader::FindType(std::string_view* url, bool* found) {
  const uint32_t* const begin = document_.Position();
  document_.Take();
  bool more = document_.Peek() != '}';
  *found = false;
  while (more) {
    if (document_.Peek() != '"') return Syntax("\"");
    const std::string_view name = document_.TakeString();
    if (document_.Peek() != ':') return Syntax(":");
    document_.Take();
    if (name == "@type" && document_.Peek() == '"' && !*found) {
      *url = document_.TakeString();
      *found = true;
    } else if (!document_.TakeValue()) {
      return Syntax("{ [ \" 0 true false null");
    }
    if (!Separator('}', &more)) return false;
  }
  document_.Return(begin);
  return true;
}

bool Reader::Any(const MessagePlan& plan, int depth) {
  if (document_.Peek() != '{') return WrongType("object") != Result::kStop;
  std::string_view raw;
  bool found = false;
  if (!FindType(&raw, &found)) return false;
  if (!found) {
    document_.Take();
    if (document_.Peek() == '}') {
      document_.Take();
      return true;  // {} is an Any of nothing.
    }
    document_.Return(document_.Position() - 1);
    RefuseMember("@type", ErrorReason::FIELD_REQUIRED);
    return document_.TakeValue();
  }
  std::string_view url = raw;
  std::string space;
  if (HasBackslash(raw) && Unquote(raw, &space, &url) != Result::kGood) return false;
  const google::protobuf::Descriptor* type = AnyType(url, plan.descriptor);
  if (type == nullptr) {
    if (url.find('/') == std::string_view::npos) {
      RefuseMember("@type", ErrorReason::FIELD_BAD_FORMAT, {{"expected", kAnyTypeSample}});
    } else {
      RefuseMember("@type", ErrorReason::FIELD_UNKNOWN_CODE, {{"value", Clip(url, kShownBytes)}});
    }
    return document_.TakeValue();
  }
  Emit(plan.fields[0], Scalar{0, url}, Write::kAlways, true);
  plan.fields[1].tag.AppendTo(&wire_);
  const size_t mark = wire_.BeginLength();
  const MessagePlan& inner = PlanOf(type);
  if (!(inner.shape == Shape::kPlain ? Object(inner, depth + 1, true) : TypedBody(inner, depth + 1)))
    return false;
  wire_.EndLength(mark);
  return true;
}

// {"@type": …, "value": …}; without a value it is empty.
bool Reader::TypedBody(const MessagePlan& plan, int depth) {
  document_.Take();
  Descend(Step::Kind::kField);
  bool met_value = false;
  for (bool more = true; more;) {
    const std::string_view name = document_.TakeString();
    steps_.back().text = name;
    document_.Take();  // The colon: FindType has been here.
    const bool is_value = name == "value";
    bool good = false;
    if (is_value && !met_value) {
      met_value = true;
      good = Body(plan, depth);
    } else if (is_value) {
      good = Pass(ErrorReason::FIELD_DUPLICATE);
    } else if (name == "@type") {
      good = document_.TakeValue();
    } else {
      good = Pass(ErrorReason::FIELD_UNKNOWN);
    }
    if (!good || !Separator('}', &more)) return false;
  }
  Ascend();
  return true;
}

}  // namespace lianqiao::json
