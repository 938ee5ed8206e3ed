// SPDX-License-Identifier: Apache-2.0
// Structured log: one JSON object per line on standard error. Never pass a secret or a personal field;
// callers log ids, names of fields and outcomes.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

namespace lianqiao::base {

enum class Severity { kDebug, kInfo, kWarning, kError };

using LogFields = std::initializer_list<std::pair<const char*, std::string>>;

// Safe from any thread; a line is written by one write(2).
void Log(Severity severity, const std::string& event, LogFields fields = {});

// Set once in main.
void SetLogService(const std::string& service);
void SetLogThreshold(Severity severity);

// A JSON string literal with quotes; invalid UTF-8 is replaced.
std::string JsonQuote(const std::string& text);

}  // namespace lianqiao::base
