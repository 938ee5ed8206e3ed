// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/batch.h"

#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "simdjson.h"
#include "tools/cli/json_text.h"

namespace lianqiao::cli {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

namespace {

constexpr absl::Duration kPause = absl::Milliseconds(500);

std::string TextOf(element json, std::string_view name) {
  std::string_view text;
  return json[name].get_string().get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

// "organisations[3].name" -> 3, leaving "name"; -1 for any other path.
int TakeIndex(const std::string& records, std::string* field) {
  const std::string start = records + "[";
  if (field->rfind(start, 0) != 0) return -1;
  const size_t end = field->find(']');
  int index = -1;
  if (end == std::string::npos || !absl::SimpleAtoi(field->substr(start.size(), end - start.size()), &index))
    return -1;
  *field = end + 2 <= field->size() ? field->substr(end + 2) : "";
  return index;
}

absl::Status NotUnderstood() {
  return absl::InternalError("the platform's answer is not the one expected");
}

// Refused for references that may yet come, and for nothing else.
bool LacksReferencesOnly(element result) {
  array violations;
  if (result["violations"].get_array().get(violations) != simdjson::SUCCESS) return false;
  for (const element violation : violations)
    if (TextOf(violation, "reason") != "REFERENCE_NOT_FOUND") return false;
  return violations.size() > 0;
}

// Message of an error answer in the caller's language, if there is one.
std::string MessageOf(element error) {
  array details;
  if (error["details"].get_array().get(details) == simdjson::SUCCESS) {
    for (const element detail : details) {
      if (TextOf(detail, "@type").find("LocalizedMessage") != std::string::npos)
        return TextOf(detail, "message");
    }
  }
  return TextOf(error, "message");
}

}  // namespace

std::string RecordsField(const std::string& collection) {
  std::string field;
  bool upper = false;
  for (const char byte : collection) {
    if (byte != '-')
      field.push_back(upper && byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 'a' + 'A') : byte);
    upper = byte == '-';
  }
  return field;
}

Batch::Batch(Sender& sender, Report& report, std::string file, std::string collection, std::string key,
             int size, Patience& patience)
    : sender_(sender),
      report_(report),
      file_(std::move(file)),
      collection_(std::move(collection)),
      key_(std::move(key)),
      size_(size),
      patience_(patience) {}

absl::Status Batch::Add(int line, const std::string& system, std::string json) {
  if (static_cast<int>(entries_.size()) >= size_ || (!entries_.empty() && system != system_)) {
    if (const absl::Status status = Flush(); !status.ok()) return status;
  }
  system_ = system;
  entries_.push_back({line, std::move(json)});
  return absl::OkStatus();
}

absl::Status Batch::Flush() {
  if (entries_.empty()) return absl::OkStatus();
  return Send(std::exchange(entries_, {}), NextKey());
}

std::string Batch::NextKey() {
  return absl::StrCat(key_, "-", collection_, "-", chunk_++);
}

absl::Status Batch::Send(std::vector<Entry> entries, const std::string& key) {
  std::string body =
      absl::StrCat("{\"sourceSystem\":", Quote(system_), ",", Quote(RecordsField(collection_)), ":[");
  for (size_t i = 0; i < entries.size(); ++i) absl::StrAppend(&body, i == 0 ? "" : ",", entries[i].json);
  body += "]}";
  const absl::StatusOr<HttpAnswer> answer =
      sender_.Post(absl::StrCat("/v1/", collection_, ":batchUpsert"), body, key);
  if (!answer.ok()) return answer.status();
  if (answer->status == 200) return ReadResults(std::move(entries), answer->body);
  const size_t before = entries.size();
  // JSON that the contract refuses as a whole names its records: those fall out, the others are sent again.
  if (answer->status == 400) entries = TakeRefused(std::move(entries), answer->body);
  if (entries.empty()) return absl::OkStatus();
  if (entries.size() < before) return Send(std::move(entries), absl::StrCat(key, "r", before));
  simdjson::dom::parser parser;
  element error;
  std::string message = answer->body.substr(0, 300);
  if (parser.parse(answer->body).get(error) == simdjson::SUCCESS &&
      error["error"].error() == simdjson::SUCCESS)
    message = absl::StrCat(TextOf(error["error"].value_unsafe(), "status"), ": ",
                           MessageOf(error["error"].value_unsafe()));
  return absl::FailedPreconditionError(absl::StrCat("HTTP ", answer->status, " ", message));
}

absl::Status Batch::ReadResults(std::vector<Entry> entries, const std::string& body) {
  simdjson::dom::parser parser;
  element root;
  array results;
  if (parser.parse(body).get(root) != simdjson::SUCCESS ||
      root["results"].get_array().get(results) != simdjson::SUCCESS || results.size() != entries.size())
    return NotUnderstood();
  size_t index = 0;
  std::vector<Entry> waiting;
  for (const element result : results) {
    Entry& entry = entries[index++];
    const std::string outcome = TextOf(result, "outcome");
    Counts& counts = report_.At(file_, collection_);
    if (outcome == "CREATED") ++counts.created;
    if (outcome == "UPDATED") ++counts.updated;
    if (outcome == "UNCHANGED") ++counts.unchanged;
    if (outcome != "REFUSED") continue;
    if (patience_.left > absl::ZeroDuration() && LacksReferencesOnly(result)) {
      waiting.push_back(std::move(entry));
      continue;
    }
    std::vector<Refusal> refusals;
    array violations;
    if (result["violations"].get_array().get(violations) == simdjson::SUCCESS) {
      for (const element violation : violations) {
        std::string field = TextOf(violation, "field");
        TakeIndex(RecordsField(collection_), &field);
        refusals.push_back({file_, entry.line, collection_, field, TextOf(violation, "reason"),
                            TextOf(violation, "description")});
      }
    }
    if (refusals.empty())
      refusals.push_back({file_, entry.line, collection_, "", "REFUSED", TextOf(result, "message")});
    report_.Refuse(file_, collection_, refusals);
  }
  if (waiting.empty()) return absl::OkStatus();
  absl::SleepFor(kPause);
  patience_.left -= kPause;
  return Send(std::move(waiting), NextKey());
}

std::vector<Batch::Entry> Batch::TakeRefused(std::vector<Entry> entries, const std::string& body) {
  simdjson::dom::parser parser;
  element root;
  array details;
  if (parser.parse(body).get(root) != simdjson::SUCCESS ||
      root["error"]["details"].get_array().get(details) != simdjson::SUCCESS)
    return entries;
  std::map<int, std::vector<Refusal>> refused;
  for (const element detail : details) {
    array violations;
    if (detail["fieldViolations"].get_array().get(violations) != simdjson::SUCCESS) continue;
    for (const element violation : violations) {
      std::string field = TextOf(violation, "field");
      const int index = TakeIndex(RecordsField(collection_), &field);
      if (index < 0 || index >= static_cast<int>(entries.size())) continue;
      refused[index].push_back({file_, entries[static_cast<size_t>(index)].line, collection_, field,
                                TextOf(violation, "reason"), TextOf(violation, "description")});
    }
  }
  std::vector<Entry> left;
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto found = refused.find(static_cast<int>(i));
    if (found == refused.end()) {
      left.push_back(std::move(entries[i]));
    } else {
      report_.Refuse(file_, collection_, found->second);
    }
  }
  return left;
}

}  // namespace lianqiao::cli
