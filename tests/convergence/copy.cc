// SPDX-License-Identifier: Apache-2.0
#include "tests/convergence/copy.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/mutant.h"

namespace lianqiao::convergence {

using sync::v1::Change;

namespace {

bool IsWhole(const Change& change) {
  return change.event() == Change::EVENT_ENTER || change.event() == Change::EVENT_UPSERT;
}

}  // namespace

void Copy::Fail(const std::string& name, const std::string& text, const Key& key) {
  report_->Add({name, absl::StrCat(name_, ": ", text), key.first, key.second});
}

void Copy::CheckOrder(const Change& change) {
  const Key key = {change.kind(), change.id()};
  if (change.position() > 0) {
    int64_t& last = positions_[change.bucket()];
    if (change.position() <= last)
      Fail(change.position() == last ? "Unique" : "Ordered",
           absl::StrCat("bucket ", change.bucket(), ": ", change.position(), " after ", last), key);
    last = std::max(last, change.position());
  }
  auto& newest = newest_[key];
  if (change.revision() < newest.first)
    Fail("Monotone", absl::StrCat("revision ", change.revision(), " after ", newest.first), key);
  newest = {std::max(newest.first, change.revision()), change.bucket()};
  if (change.has_record() != IsWhole(change))
    Fail("Whole",
         absl::StrCat(Change::Event_Name(change.event()), change.has_record() ? " with" : " without",
                      " a record"),
         key);
}

void Copy::ApplyOne(const Change& change) {
  const Key key = {change.kind(), change.id()};
  const auto held = held_.find(key);
  const auto gone = gone_.find(key);
  const int64_t known =
      std::max(held == held_.end() ? 0 : held->second.revision, gone == gone_.end() ? 0 : gone->second);
  if (change.revision() < known && !base::Planted("no-version-guard")) return;
  if (IsWhole(change)) {
    held_[key] = {change.revision(), change.bucket(), change.record().value()};
    gone_.erase(key);
  } else {
    held_.erase(key);
    gone_[key] = change.revision();
  }
}

void Copy::Apply(Delivery delivery, const google::protobuf::RepeatedPtrField<Change>& changes,
                 const std::string& cursor) {
  for (const Change& change : changes) {
    if (change.event() == Change::EVENT_SCOPE_CHANGED) continue;
    CheckOrder(change);
    ApplyOne(change);
    delivery.told.push_back({{change.kind(), change.id()},
                             change.revision(),
                             change.bucket(),
                             change.position(),
                             change.has_record(),
                             change.record().value()});
  }
  if (cursor.empty()) Fail("Bookmarkable", "an answer without a cursor", {});
  cursor_ = cursor;
  deliveries_.push_back(std::move(delivery));
}

Told Copy::ToldOf(const sync::v1::SnapshotRecord& record) {
  auto& newest = newest_[{record.kind(), record.id()}];
  newest = {std::max(newest.first, record.revision()), record.bucket()};
  return {{record.kind(), record.id()}, record.revision(), record.bucket(), 0, true, record.record().value()};
}

void Copy::Merge(Delivery delivery, const sync::v1::ReadSnapshotResponse& page) {
  whole_ = false;
  for (const auto& record : page.records()) {
    Told told = ToldOf(record);
    const auto held = held_.find(told.key);
    const auto gone = gone_.find(told.key);
    const bool older = (held != held_.end() && held->second.revision >= told.revision) ||
                       (gone != gone_.end() && gone->second >= told.revision);
    if (!older || base::Planted("no-version-guard")) {
      held_[told.key] = {told.revision, told.bucket, told.bytes};
      gone_.erase(told.key);
    }
    delivery.told.push_back(std::move(told));
  }
  deliveries_.push_back(std::move(delivery));
}

void Copy::Replace(const std::set<int>* buckets,
                   std::vector<std::pair<Delivery, sync::v1::ReadSnapshotResponse>> pages,
                   const std::string& cursor) {
  whole_ = false;
  const auto replaced = [&](int bucket) { return buckets == nullptr || buckets->count(bucket) > 0; };
  std::erase_if(held_, [&](const auto& entry) { return replaced(entry.second.bucket); });
  std::erase_if(newest_, [&](const auto& entry) { return replaced(entry.second.second); });
  // The cursor of before is not used any more.
  gone_.clear();
  positions_.clear();
  for (auto& [delivery, page] : pages) {
    for (const auto& record : page.records()) {
      Told told = ToldOf(record);
      if (!replaced(told.bucket)) Fail("Filter", "a record of a bucket that was not asked for", told.key);
      held_[told.key] = {told.revision, told.bucket, told.bytes};
      delivery.told.push_back(std::move(told));
    }
    deliveries_.push_back(std::move(delivery));
  }
  cursor_ = cursor;
  Save();
}

void Copy::Crash(bool together) {
  if (together) {
    held_ = saved_.held;
    gone_ = saved_.gone;
  }
  // What was told behind this cursor a restore may take back before it comes again.
  newest_ = saved_.newest;
  cursor_ = saved_.cursor;
  BeginAgain();
}

}  // namespace lianqiao::convergence
