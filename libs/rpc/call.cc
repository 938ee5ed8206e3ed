// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/call.h"

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

namespace lianqiao::rpc {

void CancelSlot::Set(std::function<void()> cancel) {
  {
    const std::lock_guard lock(mutex_);
    if (!cancelled_) {
      cancel_.swap(cancel);
      return;  // What stood there before goes outside the lock.
    }
  }
  if (cancel) cancel();
}

void CancelSlot::Cancel() {
  std::function<void()> cancel;
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    cancel.swap(cancel_);
  }
  if (cancel) cancel();
}

base::Language LanguageOf(const std::string& accept_language) {
  // The better weighted of zh and en; everything else, a tie too, is Chinese.
  double chinese = -1;
  double english = -1;
  for (absl::string_view part : absl::StrSplit(accept_language, ',')) {
    const std::vector<std::string> pieces = absl::StrSplit(part, ';');
    const std::string tag = absl::AsciiStrToLower(absl::StripAsciiWhitespace(pieces[0]));
    double weight = 1;
    if (pieces.size() > 1) {
      const size_t equals = pieces[1].find('=');
      if (equals != std::string::npos) weight = std::strtod(pieces[1].c_str() + equals + 1, nullptr);
    }
    if (tag.rfind("zh", 0) == 0 && weight > chinese) chinese = weight;
    if (tag.rfind("en", 0) == 0 && weight > english) english = weight;
  }
  return english > 0 && english > chinese ? base::Language::kEnglish : base::Language::kChinese;
}

}  // namespace lianqiao::rpc
