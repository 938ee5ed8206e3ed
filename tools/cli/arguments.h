// SPDX-License-Identifier: Apache-2.0
// What stands behind a sub-command: options by name and the rest in order. Secrets never stand there.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lianqiao::cli {

struct Option {
  const char* name;   // Without the dashes.
  const char* value;  // What it takes, for the help; empty: nothing, it is a switch.
  const char* zh;
  const char* en;
};

class Arguments {
 public:
  // "--name=value", "--name value", "-o value" for "--output". Wrong usage says what is wrong.
  static absl::StatusOr<Arguments> Parse(const std::vector<std::string>& words,
                                         const std::vector<Option>& options);

  bool Has(const std::string& name) const { return values_.contains(name); }
  // The last one given; empty if none.
  std::string Text(const std::string& name) const;
  // "a,b" and repetitions alike.
  std::vector<std::string> List(const std::string& name) const;
  // Wrong usage if it is no such number.
  absl::StatusOr<int> Integer(const std::string& name, int without, int min, int max) const;
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::map<std::string, std::vector<std::string>> values_;
  std::vector<std::string> words_;
};

}  // namespace lianqiao::cli
