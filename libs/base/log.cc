// SPDX-License-Identifier: Apache-2.0
#include "libs/base/log.h"

#include <unistd.h>
#include <utf8proc.h>

#include <atomic>
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
  std::string line = "{\"time\":\"";
  line += absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
  line += "\",\"severity\":\"";
  line += Name(severity);
  line += "\",\"service\":" + JsonQuote(ServiceName()) + ",\"event\":" + JsonQuote(event);
  for (const auto& [name, value] : fields) line += "," + JsonQuote(name) + ":" + JsonQuote(value);
  line += "}\n";
  // One write keeps lines of several threads apart; a full disk must not stop the service.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace lianqiao::base
