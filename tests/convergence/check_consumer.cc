// SPDX-License-Identifier: Apache-2.0
// What a consumer was told, against what was written.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lianqiao/sync/v1/digest.pb.h"
#include "libs/base/ids.h"
#include "libs/store/write.h"
#include "tests/convergence/check.h"
#include "tests/convergence/erasure.h"

namespace lianqiao::convergence {
namespace {

using Place = std::pair<int, int64_t>;

class Deliveries {
 public:
  Deliveries(Installation* installation, const Consumer& consumer, const std::vector<Reach>& reaches,
             const Reach& always, const std::vector<Log>& logs, Report* report)
      : installation_(installation),
        consumer_(consumer),
        logs_(logs),
        reaches_(reaches),
        always_(always),
        report_(report) {}

  void Check() {
    for (const Delivery& delivery : consumer_.copy().deliveries()) {
      if (delivery.life < 0 || delivery.life >= static_cast<int>(logs_.size())) continue;
      for (const Told& told : delivery.told) CheckTold(delivery, told);
    }
    for (size_t life = 0; life < logs_.size(); ++life) CheckAtomic(static_cast<int>(life));
    if (reaches_.size() == 1 && logs_.size() == 1 && consumer_.copy().whole()) CheckComplete();
  }

 private:
  void Fail(const std::string& name, const std::string& text, const Key& key) {
    report_->Add({name, absl::StrCat(consumer_.name(), ": ", text), key.first, key.second});
  }

  // A whole record is one of the states that were written, and of one that this reader may see.
  void CheckTold(const Delivery& delivery, const Told& told) {
    const Log& log = logs_[static_cast<size_t>(delivery.life)];
    const auto found = log.by_revision.find({told.key, told.revision});
    if (found == log.by_revision.end()) {
      if (told.has_record)
        Fail("Phantom", absl::StrCat("revision ", told.revision, " was never written"), told.key);
      return;
    }
    if (!told.has_record) return;
    const LoggedChange& change = log.changes[found->second];
    const bool erased = log.erased.count(told.key) > 0;  // Stored no longer as it was shown.
    bool seen = false, same = false;
    for (size_t i = delivery.reach_from; i <= delivery.reach_to; ++i) {
      if (!Sees(installation_, reaches_[i], told.key, change.scope_after)) continue;
      seen = true;
      same = same || Shown(installation_, told.key, told.bytes, true, erased) ==
                         Shown(installation_, told.key, log.states.at(found->first),
                               reaches_[i].ShowsPersonal(change.scope_after), erased);
    }
    if (!seen)
      Fail("Filter", absl::StrCat("revision ", told.revision, " was shown and is out of reach"), told.key);
    if (seen && !same)
      Fail("Faithful", absl::StrCat("revision ", told.revision, " was shown otherwise than it is"), told.key);
  }

  // No two deliveries share a transaction of a bucket such that neither has what the other has of it.
  void CheckAtomic(int life) {
    const Log& log = logs_[static_cast<size_t>(life)];
    std::map<Place, std::vector<std::set<int64_t>>> parts;  // By bucket and group.
    for (const Delivery& delivery : consumer_.copy().deliveries()) {
      if (delivery.life != life) continue;
      std::map<Place, std::set<int64_t>> own;
      for (const Told& told : delivery.told) {
        const auto found = log.by_place.find({told.bucket, told.position});
        if (found != log.by_place.end())
          own[{told.bucket, log.changes[found->second].group}].insert(told.position);
      }
      for (auto& [group, positions] : own) parts[group].push_back(std::move(positions));
    }
    for (const auto& [group, sets] : parts) {
      for (size_t i = 0; i < sets.size(); ++i) {
        for (size_t k = i + 1; k < sets.size(); ++k) {
          const bool one = std::includes(sets[i].begin(), sets[i].end(), sets[k].begin(), sets[k].end());
          const bool other = std::includes(sets[k].begin(), sets[k].end(), sets[i].begin(), sets[i].end());
          if (!one && !other)
            return Fail("Atomic",
                        absl::StrCat("a transaction of bucket ", group.first,
                                     " was split: ", *sets[i].begin(), " and ", *sets[k].begin()),
                        {});
        }
      }
    }
  }

  // Who has read everything from the first change on was told of every change of what he saw. Of a record's
  // first revision only if the record was still there when it came to be read: CheckCopy.
  void CheckComplete() {
    std::set<Place> told;
    for (const Delivery& delivery : consumer_.copy().deliveries()) {
      for (const Told& one : delivery.told) told.insert({one.bucket, one.position});
    }
    for (const LoggedChange& change : logs_[0].changes) {
      if (change.revision > 1 && always_.Covers(change.scope_before) &&
          told.count({change.bucket, change.position}) == 0)
        Fail("Reliable",
             absl::StrCat("bucket ", change.bucket, " position ", change.position, ", ", change.operation,
                          " to revision ", change.revision, ", was never told"),
             change.key);
    }
  }

  Installation* const installation_;
  const Consumer& consumer_;
  const std::vector<Log>& logs_;
  const std::vector<Reach>& reaches_;
  const Reach& always_;
  Report* const report_;
};

uint64_t HashOf(const Key& key, int64_t revision) {
  std::string bytes = key.first + '\0' + base::IdBytes(key.second);
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(revision >> shift));
  const std::string hash = base::Sha256(bytes);
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<uint8_t>(hash[static_cast<size_t>(i)]);
  return value;
}

void CheckDigest(Consumer* consumer, Report* report) {
  sync::v1::GetDigestRequest request;
  consumer->Narrow(&request);
  request.set_part_count(3);
  sync::v1::Digest digest;
  absl::Status status = absl::UnavailableError("");
  for (int tries = 0; tries < 10 && absl::IsUnavailable(status); ++tries)
    status = consumer->Invoke("/lianqiao.sync.v1.DigestService/GetDigest", request, &digest);
  if (!status.ok())
    return report->Add({"Digest", consumer->name() + ": " + std::string(status.ToString()), "", ""});
  for (const sync::v1::DigestPart& part : digest.parts()) {
    uint64_t sum = 0;
    int64_t records = 0;
    for (const auto& [key, held] : consumer->copy().held()) {
      if (key.first != part.kind() || key.second <= part.after_id() || key.second > part.to_id()) continue;
      sum += HashOf(key, held.revision);
      ++records;
    }
    if (records != part.record_count() || part.sum() != absl::StrCat(absl::Hex(sum, absl::kZeroPad16)))
      report->Add({"Digest",
                   absl::StrCat(consumer->name(), ": the platform's sum of ", part.kind(), " over ",
                                part.record_count(), " records is not that of the copy's ", records),
                   "", ""});
  }
}

// Personal fields, and what is said of so few people that they could be recognised.
void HidePersonal(const contract::Resource& resource, google::protobuf::Message* record) {
  const auto& get = *record->GetReflection();
  std::set<std::string> small;
  for (const contract::Field& field : resource.fields) {
    const int64_t limit = field.rule->suppress_below();
    if (limit == 0 || !get.HasField(*record, field.descriptor)) continue;
    const bool narrow = field.descriptor->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_INT32;
    const int64_t count =
        narrow ? get.GetInt32(*record, field.descriptor) : get.GetInt64(*record, field.descriptor);
    if (count > 0 && count < limit) small.insert(field.name);
  }
  for (const contract::Field& field : resource.fields) {
    if (field.is_personal() || small.count(field.name) > 0 || small.count(field.rule->suppress_with()) > 0)
      get.ClearField(record, field.descriptor);
  }
}

}  // namespace

std::string Shown(Installation* installation, const Key& key, const std::string& bytes, bool personal,
                  bool erased) {
  const contract::Resource* resource = installation->contract().FindKind(key.first);
  if (resource == nullptr) return "";
  std::unique_ptr<contract::Message> record(resource->prototype->New());
  if (!record->ParseFromString(bytes)) return "";
  record->GetReflection()->ClearField(record.get(), resource->etag->descriptor);  // Not kept.
  if (erased) ClearErasable(*resource, record.get());
  if (!personal) HidePersonal(*resource, record.get());
  return store::StateBytes(*record);
}

void CheckDeliveries(Installation* installation, const Consumer& consumer, const std::vector<Reach>& reaches,
                     const Reach& always, const std::vector<Log>& logs, Report* report) {
  Deliveries(installation, consumer, reaches, always, logs, report).Check();
}

void CheckCopy(Installation* installation, Consumer* consumer, const Reach& reach,
               const std::map<Key, int64_t>& expected, const std::map<Key, Living>& living, const Log& log,
               Report* report) {
  const auto fail = [&](const std::string& name, const std::string& text, const Key& key) {
    report->Add({name, absl::StrCat(consumer->name(), ": ", text), key.first, key.second});
  };
  const auto& held = consumer->copy().held();
  for (const auto& [key, revision] : expected) {
    const auto found = held.find(key);
    if (found == held.end()) {
      fail("Converged", absl::StrCat("the copy lacks a record of revision ", revision), key);
    } else if (found->second.revision != revision) {
      fail("Converged", absl::StrCat("the copy holds revision ", found->second.revision, " of ", revision),
           key);
    } else if (Shown(installation, key, found->second.bytes, true) !=
               Shown(installation, key, log.states.at({key, revision}),
                     reach.ShowsPersonal(living.at(key).scope))) {
      fail("Faithful", absl::StrCat("the copy of revision ", revision, " has other content"), key);
    }
  }
  for (const auto& [key, of_copy] : held) {
    if (expected.count(key) > 0) continue;
    fail("Converged",
         absl::StrCat("the copy holds revision ", of_copy.revision, " of a record that ",
                      living.count(key) > 0 ? "is out of reach" : "is not there"),
         key);
  }
  CheckDigest(consumer, report);
}

}  // namespace lianqiao::convergence
