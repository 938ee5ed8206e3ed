// SPDX-License-Identifier: Apache-2.0
#include "libs/base/log.h"

#include <unistd.h>
#include <utf8proc.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace lianqiao::base {
namespace {

std::atomic<Severity> threshold{Severity::kInfo};

std::string& ServiceName() {
  static std::string name;
  return name;
}

const char* Name(Severity severity) {
  switch (severity) {
    case Severity::kDebug:
      return "debug";
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "error";
}

// Most values need no escaping, and a line is written for every request.
bool IsPlain(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

void AppendQuoted(const std::string& text, std::string* line) {
  if (!IsPlain(text)) {
    line->append(JsonQuote(text));
    return;
  }
  line->append(1, '"').append(text).append(1, '"');
}

// The date and the time of day change once a second.
void AppendTime(absl::Time now, std::string* line) {
  thread_local int64_t second = -1;
  thread_local std::string text;
  const int64_t milliseconds = absl::ToUnixMillis(now);
  if (milliseconds / 1000 != second) {
    second = milliseconds / 1000;
    text = absl::FormatTime("%Y-%m-%dT%H:%M:%S", now, absl::UTCTimeZone());
  }
  const int fraction = static_cast<int>(milliseconds % 1000);
  line->append(text).append(1, '.');
  for (const int unit : {100, 10, 1}) line->push_back(static_cast<char>('0' + fraction / unit % 10));
  line->push_back('Z');
}

}  // namespace

std::string JsonQuote(const std::string& text) {
  std::string quoted = "\"";
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (size_t at = 0; at < text.size();) {
    utf8proc_int32_t c = 0;
    auto length = utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &c);
    if (length <= 0) {
      quoted += "\xEF\xBF\xBD";
      ++at;
      continue;
    }
    if (c == '"' || c == '\\') {
      quoted.push_back('\\');
      quoted.push_back(static_cast<char>(c));
    } else if (c < 0x20 || c == 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof(escaped), "\\u%04x", static_cast<unsigned>(c));
      quoted += escaped;
    } else {
      quoted.append(text, at, static_cast<size_t>(length));
    }
    at += static_cast<size_t>(length);
  }
  quoted.push_back('"');
  return quoted;
}

void SetLogService(const std::string& service) {
  ServiceName() = service;
}
void SetLogThreshold(Severity severity) {
  threshold = severity;
}

void Log(Severity severity, const std::string& event, LogFields fields) {
  if (severity < threshold.load(std::memory_order_relaxed)) return;
  std::string line;
  line.reserve(384);
  line += "{\"time\":\"";
  AppendTime(absl::Now(), &line);
  line.append("\",\"severity\":\"").append(Name(severity)).append("\",\"service\":");
  AppendQuoted(ServiceName(), &line);
  line.append(",\"event\":");
  AppendQuoted(event, &line);
  for (const auto& [name, value] : fields) {
    line.push_back(',');
    AppendQuoted(name, &line);
    line.push_back(':');
    AppendQuoted(value, &line);
  }
  line += "}\n";
  // One write keeps lines of several threads apart; a full disk must not stop the service.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace lianqiao::base
