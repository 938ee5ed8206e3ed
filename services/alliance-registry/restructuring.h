// SPDX-License-Identifier: Apache-2.0
// What merging, splitting, renaming and recoding of jurisdictions and organisations have in common: names and
// codes of the past, and when a change takes effect.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "lianqiao/registry/v1/restructuring.pb.h"
#include "libs/resource/period_rules.h"
#include "libs/resource/service.h"

namespace lianqiao::registry {

// The request's date or today; a restructuring is recorded when it holds, not before.
absl::StatusOr<std::string> EffectiveDate(const std::string& requested, const std::string& today);

// Sources without repetition and without the target, in id order; INVALID_ARGUMENT otherwise.
absl::StatusOr<std::vector<std::string>> MergeSources(const v1::MergeRequest& request);

// INVALID_ARGUMENT for one field of the request.
absl::Status RefuseField(const std::string& field, const std::string& zh, const std::string& en);

// Gives `record` a new name and keeps the old one up to the day before `effective`.
template <typename Record>
void Rename(const std::string& name, const std::string& effective, const std::string& document,
            Record* record) {
  v1::FormerName* former = record->add_former_names();
  former->set_name(record->name());
  const int count = record->former_names_size();
  // The last name began after the one before it had ended.
  if (count > 1) former->set_valid_from(resource::DayAfter(record->former_names(count - 2).valid_to()));
  former->set_valid_to(resource::DayBefore(effective));
  // Corrected on the day it was given: it never held on a day of its own.
  if (former->valid_from() > former->valid_to()) former->clear_valid_from();
  former->set_document(document);
  record->set_name(name);
}

// Keeps a code that the record loses on `effective`; it began when the one before it of its kind ended.
template <typename Record>
void KeepCode(v1::CodeKind kind, const std::string& code, const std::string& effective,
              const std::string& document, Record* record) {
  if (code.empty()) return;
  std::string began;
  for (const v1::FormerCode& earlier : record->former_codes()) {
    if (earlier.kind() == kind) began = std::max(began, resource::DayAfter(earlier.valid_to()));
  }
  v1::FormerCode* former = record->add_former_codes();
  former->set_valid_from(began);
  former->set_kind(kind);
  former->set_code(code);
  former->set_valid_to(resource::DayBefore(effective));
  if (former->valid_from() > former->valid_to()) former->clear_valid_from();
  former->set_document(document);
}

// External ids equal to a code that was a mistake name the new one, in the same system: they are never found
// by the wrong one again. A new one that is known already holds again.
template <typename Record>
void ReplaceExternalIds(const std::string& old_code, const std::string& new_code, Record* record) {
  auto* entries = record->mutable_external_ids();
  for (int i = entries->size() - 1; i >= 0 && !old_code.empty(); --i) {
    if ((*entries)[i].id() != old_code) continue;
    const auto known = std::find_if(entries->begin(), entries->end(), [&](const auto& entry) {
      return entry.system() == (*entries)[i].system() && entry.id() == new_code;
    });
    if (known == entries->end()) {
      (*entries)[i].set_id(new_code);
      continue;
    }
    if ((*entries)[i].valid_to().empty()) known->clear_valid_to();
    entries->DeleteSubrange(i, 1);
  }
}

// External ids equal to the old code end, and go on under the new code in the same system: a source that
// names places by code finds the record by either.
template <typename Record>
void ContinueExternalIds(const std::string& old_code, const std::string& new_code,
                         const std::string& effective, Record* record) {
  std::vector<std::string> systems;
  for (auto& entry : *record->mutable_external_ids()) {
    if (old_code.empty() || entry.id() != old_code || !entry.valid_to().empty()) continue;
    entry.set_valid_to(resource::DayBefore(effective));
    if (entry.valid_from() > entry.valid_to()) entry.clear_valid_from();
    systems.push_back(entry.system());
  }
  for (const std::string& system : systems) {
    auto* entries = record->mutable_external_ids();
    const auto known = std::find_if(entries->begin(), entries->end(), [&](const auto& entry) {
      return entry.system() == system && entry.id() == new_code;
    });
    if (known != entries->end()) {  // Back to a code that it had: the same id holds again.
      known->clear_valid_to();
      continue;
    }
    auto* entry = entries->Add();
    entry->set_system(system);
    entry->set_id(new_code);
    entry->set_valid_from(effective);
  }
}

// A code that the record has again is none of the past.
template <typename Record>
void DropFormerCode(v1::CodeKind kind, const std::string& code, Record* record) {
  auto* former = record->mutable_former_codes();
  for (int i = former->size() - 1; i >= 0; --i) {
    if ((*former)[i].kind() == kind && (*former)[i].code() == code) former->DeleteSubrange(i, 1);
  }
}

// What a new code leaves of the old one: a former code, or nothing of one that was a mistake. A mistake that
// had replaced the right code had made a former one of that.
template <typename Record>
void Recode(const v1::RecodeRequest& request, const std::string& old_code, const std::string& effective,
            Record* record) {
  if (request.correction()) {
    DropFormerCode(request.kind(), request.code(), record);
    return ReplaceExternalIds(old_code, request.code(), record);
  }
  KeepCode(request.kind(), old_code, effective, request.document(), record);
  ContinueExternalIds(old_code, request.code(), effective, record);
}

}  // namespace lianqiao::registry
