// SPDX-License-Identifier: Apache-2.0
// How a writer sends, repeats and remembers; what it writes is in writes.cc, exchange_writes.cc and so on.
#include "tests/convergence/writer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "tests/convergence/erasure.h"

namespace lianqiao::convergence {

using google::protobuf::Message;

namespace {

constexpr int kTries = 6;
constexpr absl::Duration kAnswerLimit = absl::Seconds(20);

// Nobody knows whether it happened, or it did not and may be tried again.
bool IsOpen(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsCancelled(status) ||
         absl::IsUnknown(status) || absl::IsResourceExhausted(status);
}

void SetKey(const std::string& key, Message* request) {
  const auto* field = request->GetDescriptor()->FindFieldByName("request_id");
  request->GetReflection()->SetString(request, field, key);
}

}  // namespace

Writer::Writer(Installation* installation, const World* world, Targets* targets, Ledger* ledger,
               Options options, Report* report)
    : installation_(installation),
      world_(*world),
      targets_(*targets),
      options_(std::move(options)),
      random_(options_.seed),
      ledger_(ledger),
      report_(report) {
  using access::ScopeKind;
  using access::testing::MakeGrant;
  std::vector<access::Grant> grants;
  if (options_.county_id.empty()) {
    grants.push_back(MakeGrant("*", ScopeKind::kPlatform, "", {"*"}));
  } else {
    for (const std::string& right : installation->subject().local_rights)
      grants.push_back(MakeGrant(right, ScopeKind::kJurisdiction, options_.county_id, {options_.name}));
  }
  access::Caller caller = access::testing::MakeCaller(std::move(grants));
  client_id_ = caller.client_id;
  installation_->authenticator().Add(options_.name, std::move(caller));
}

void Writer::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Writer::Join() {
  if (thread_.joinable()) thread_.join();
}

void Writer::Run() {
  for (int i = 0; i < options_.writes; ++i) {
    Send(Choose());
    if (options_.pause_ms > 0) absl::SleepFor(absl::Milliseconds(Random(options_.pause_ms)));
  }
}

std::string Writer::Mark() {
  return absl::StrCat(options_.name, "-", ++count_);
}

std::string Writer::AnyCounty() {
  return options_.county_id.empty() || Chance(30) ? world_.county_ids[Random(3)] : options_.county_id;
}

size_t Writer::AnyMember(const std::string& alliance_id) {
  const auto& ids = world_.alliance_ids;
  const auto found = std::find(ids.begin(), ids.end(), alliance_id);
  const auto alliance = found == ids.end() ? 0 : found - ids.begin();
  return static_cast<size_t>(alliance) * 3 + static_cast<size_t>(Random(3));
}

void Writer::Send(Write write) {
  Entry entry;
  entry.writer = options_.name;
  entry.method = write.method;
  if (!options_.keyless && Chance(80))
    entry.key = absl::StrCat(options_.name, "-", Random(1 << 30), "-", ++count_);
  entry.mark = write.mark;
  entry.creates = write.creates;
  entry.target = write.target;
  entry.erases = write.erases;
  entry.life = installation_->life();
  Entry* kept = ledger_->Add(std::move(entry));
  if (!kept->key.empty()) SetKey(kept->key, write.request.get());
  const int tries = kept->key.empty() ? 1 : kTries;
  for (int i = 0; i < tries && !Try(&write, kept); ++i) absl::SleepFor(absl::Milliseconds(20 + Random(40)));
  // The same again: the same answer.
  if (kept->outcome == Outcome::kAcknowledged && !kept->key.empty() && Chance(15)) Try(&write, kept);
}

// True when it is decided.
bool Writer::Try(Write* write, Entry* entry) {
  const absl::Duration limit = Chance(8) ? absl::Milliseconds(1 + Random(30)) : kAnswerLimit;
  const int life = installation_->life();
  const rpc::Answer answer = installation_->client()->CallAndWait(
      absl::StrCat("/", installation_->subject().package, ".", write->method),
      write->request->SerializeAsString(),
      {{rpc::kAuthorization, "Bearer " + options_.name}, {rpc::kAcceptLanguage, "en"}}, absl::Now() + limit);
  entry->status = answer.status.ToString();
  if (answer.status.ok()) {
    const bool again = entry->outcome == Outcome::kAcknowledged;
    // Once the record is erased, the answer is given again without what was personal.
    if (again && entry->bytes != answer.bytes && life == entry->life && life == installation_->life() &&
        !IsErasedCopy(*installation_, entry->record, entry->bytes, answer.bytes))
      report_->Add({"Repeated", absl::StrCat(entry->method, " ", entry->key, ": another answer than before"),
                    entry->record.first, entry->record.second});
    if (again) return true;
    entry->outcome = Outcome::kAcknowledged;
    entry->acknowledged = absl::Now();
    entry->life = life == installation_->life() ? life : -1;
    Note(*write, answer.bytes, entry);
    return true;
  }
  if (IsOpen(answer.status)) return false;
  if (absl::IsInternal(answer.status) || absl::IsDataLoss(answer.status))
    report_->Add({"Unexpected", absl::StrCat(entry->method, ": ", entry->status), "", ""});
  // A refusal of a repetition says nothing of the first one.
  if (entry->outcome == Outcome::kOpen) entry->outcome = Outcome::kRefused;
  return true;
}

void Writer::Note(const Write& write, const std::string& bytes, Entry* entry) {
  entry->bytes = bytes;
  if (!write.response->ParseFromString(bytes)) return;
  const auto* descriptor = write.response->GetDescriptor();
  const auto& get = *write.response->GetReflection();
  const auto* revision = descriptor->FindFieldByName("revision");
  if (revision == nullptr) return;
  const std::string id = get.GetString(*write.response, descriptor->FindFieldByName("id"));
  const contract::Resource* resource = installation_->contract().FindMessage(descriptor);
  entry->record = {resource->kind, id};
  entry->revision = get.GetInt64(*write.response, revision);
  last_etag_ = get.GetString(*write.response, descriptor->FindFieldByName("etag"));
  const auto known = targets_.own.find(resource->kind);
  if (known != targets_.own.end()) known->second.Put(id, bytes);
  Wrote(*write.response, entry->record, write.creates);
}

}  // namespace lianqiao::convergence
