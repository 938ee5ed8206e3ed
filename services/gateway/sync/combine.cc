// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/combine.h"

#include <algorithm>

#include "services/gateway/sync/merged_cursor.h"

namespace lianqiao::gateway::sync {
namespace {

namespace v1 = ::lianqiao::sync::v1;
using google::protobuf::Timestamp;

bool Before(const Timestamp& a, const Timestamp& b) {
  return a.seconds() != b.seconds() ? a.seconds() < b.seconds() : a.nanos() < b.nanos();
}

template <typename Job>
bool All(const std::vector<Job>& parts, std::initializer_list<int> states) {
  return std::all_of(parts.begin(), parts.end(), [&](const Job& part) {
    return std::find(states.begin(), states.end(), static_cast<int>(part.state())) != states.end();
  });
}
template <typename Job>
bool Any(const std::vector<Job>& parts, int state) {
  return std::any_of(parts.begin(), parts.end(),
                     [state](const Job& part) { return static_cast<int>(part.state()) == state; });
}

v1::Import::State StateOf(const std::vector<v1::Import>& parts) {
  using I = v1::Import;
  if (Any(parts, I::STATE_RECEIVING)) return I::STATE_RECEIVING;
  if (All(parts, {I::STATE_QUEUED})) return I::STATE_QUEUED;
  if (Any(parts, I::STATE_QUEUED) || Any(parts, I::STATE_RUNNING)) return I::STATE_RUNNING;
  for (const auto state : {I::STATE_SUCCEEDED, I::STATE_FAILED, I::STATE_CANCELLED}) {
    if (All(parts, {state})) return state;
  }
  return I::STATE_FINISHED_WITH_ERRORS;
}

v1::Export::State StateOf(const std::vector<v1::Export>& parts) {
  using E = v1::Export;
  for (const auto state : {E::STATE_FAILED, E::STATE_CANCELLED}) {
    if (Any(parts, state)) return state;
  }
  for (const auto state : {E::STATE_QUEUED, E::STATE_SUCCEEDED}) {
    if (All(parts, {state})) return state;
  }
  return E::STATE_RUNNING;
}

// From the first beginning to the last end, if all have ended.
template <typename Job>
void SetTimes(const std::vector<Job>& parts, Job* whole) {
  bool ended = true;
  for (const Job& part : parts) {
    if (part.has_create_time() &&
        (!whole->has_create_time() || Before(part.create_time(), whole->create_time())))
      *whole->mutable_create_time() = part.create_time();
    ended = ended && part.has_end_time();
    if (part.has_end_time() && (!whole->has_end_time() || Before(whole->end_time(), part.end_time())))
      *whole->mutable_end_time() = part.end_time();
  }
  if (!ended) whole->clear_end_time();
}

}  // namespace

void NameImport(const std::string& service, v1::Import* import) {
  import->set_service(service);
}

v1::Import CombineImports(const std::string& id, const std::vector<v1::Import>& parts) {
  v1::Import whole;
  whole.set_id(id);
  whole.set_state(StateOf(parts));
  SetTimes(parts, &whole);
  for (const v1::Import& part : parts) {
    if (!whole.has_options()) *whole.mutable_options() = part.options();
    if (part.has_start_time() && (!whole.has_start_time() || Before(part.start_time(), whole.start_time())))
      *whole.mutable_start_time() = part.start_time();
    whole.set_received_bytes(whole.received_bytes() + part.received_bytes());
    whole.set_record_count(whole.record_count() + part.record_count());
    whole.set_created_count(whole.created_count() + part.created_count());
    whole.set_updated_count(whole.updated_count() + part.updated_count());
    whole.set_unchanged_count(whole.unchanged_count() + part.unchanged_count());
    whole.set_deleted_count(whole.deleted_count() + part.deleted_count());
    whole.set_refused_count(whole.refused_count() + part.refused_count());
    if (part.has_problem() && !whole.has_problem()) *whole.mutable_problem() = part.problem();
    *whole.add_parts() = part;
  }
  return whole;
}

void NameExport(const std::string& service, v1::Export* own) {
  own->set_service(service);
  for (v1::ExportFile& file : *own->mutable_files()) file.set_name(service + "-" + file.name());
  if (!own->cursor().empty()) own->set_cursor(PackCursor({{service, own->cursor()}}));
}

v1::Export CombineExports(const std::string& id, const std::vector<v1::Export>& parts) {
  v1::Export whole;
  whole.set_id(id);
  whole.set_state(StateOf(parts));
  SetTimes(parts, &whole);
  Cursor cursor;
  for (const v1::Export& part : parts) {
    if (!whole.has_request()) {
      *whole.mutable_request() = part.request();
      whole.mutable_request()->clear_kinds();
    }
    whole.mutable_request()->mutable_kinds()->MergeFrom(part.request().kinds());
    whole.set_record_count(whole.record_count() + part.record_count());
    if (part.has_problem() && !whole.has_problem()) *whole.mutable_problem() = part.problem();
    whole.mutable_files()->MergeFrom(part.files());
    if (part.has_expire_time() &&
        (!whole.has_expire_time() || Before(part.expire_time(), whole.expire_time())))
      *whole.mutable_expire_time() = part.expire_time();
    if (const auto own = UnpackCursor(part.cursor())) cursor.insert(own->begin(), own->end());
    *whole.add_parts() = part;
  }
  if (whole.state() == v1::Export::STATE_SUCCEEDED) whole.set_cursor(PackCursor(cursor));
  return whole;
}

std::pair<std::string, std::string> SplitFileName(const std::string& name) {
  const size_t dash = name.find('-');
  if (dash == std::string::npos) return {};
  return {name.substr(0, dash), name.substr(dash + 1)};
}

}  // namespace lianqiao::gateway::sync
