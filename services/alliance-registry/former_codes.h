// SPDX-License-Identifier: Apache-2.0
// Codes and names do not change without a trace: what a record was called or numbered before stays with it.
// Used by the rules of places and organisations. Pure.
#pragma once

#include <algorithm>
#include <string>

#include "lianqiao/registry/v1/restructuring.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::registry {

// Refuses a code that replaces another, or leaves none, unless the old one is kept among the former codes, as
// recoding, merging and splitting do; recoding alone may say that it was a mistake.
template <typename Record>
void RefuseLostCode(const std::string& method, v1::CodeKind kind, const std::string& field,
                    const std::string& before, const std::string& after, const Record& record,
                    resource::Violations* violations) {
  if (before.empty() || before == after || method.rfind("Recode", 0) == 0) return;
  const auto& former = record.former_codes();
  const bool kept = std::any_of(former.begin(), former.end(), [&](const v1::FormerCode& entry) {
    return entry.kind() == kind && entry.code() == before;
  });
  if (!kept)
    violations->push_back(base::RefuseRule(field, "代码变更须通过更码办理,原代码保留可查",
                                           "changes by recoding only, which keeps the old code"));
}

// The same for a name that somebody edits; a source system may correct its own.
template <typename Record>
void RefuseLostName(const std::string& method, const Record& before, const Record& after,
                    resource::Violations* violations) {
  if (method.rfind("Update", 0) != 0 || before.name() == after.name()) return;
  const auto& former = after.former_names();
  const bool kept = std::any_of(former.begin(), former.end(),
                                [&](const v1::FormerName& entry) { return entry.name() == before.name(); });
  if (!kept)
    violations->push_back(base::RefuseRule("name", "名称变更须通过更名办理,原名称保留可查",
                                           "changes by renaming only, which keeps the old name"));
}

template <typename Entries>
bool SameEntries(const Entries& before, const Entries& after) {
  return std::equal(
      before.begin(), before.end(), after.begin(), after.end(),
      [](const auto& a, const auto& b) { return a.SerializeAsString() == b.SerializeAsString(); });
}

// Refuses an edit of what a record was called or numbered: it would lose the trace, or claim a code that
// somebody else is to get. A source system brings its own past.
template <typename Record>
void RefuseEditedPast(const std::string& method, const Record& before, const Record& after,
                      resource::Violations* violations) {
  if (method.rfind("Update", 0) != 0) return;
  if (!SameEntries(before.former_codes(), after.former_codes()))
    violations->push_back(base::RefuseRule("formerCodes", "原代码由更码、合并、拆分办理时记入,不能直接修改",
                                           "is written by recoding, merging and splitting only"));
  if (!SameEntries(before.former_names(), after.former_names()))
    violations->push_back(base::RefuseRule("formerNames", "原名称由更名办理时记入,不能直接修改",
                                           "is written by renaming only"));
}

}  // namespace lianqiao::registry
