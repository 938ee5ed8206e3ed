// SPDX-License-Identifier: Apache-2.0
// ListImports and ListExports: the services' lists as one, the newest first.
#include <algorithm>
#include <map>
#include <tuple>

#include "services/gateway/sync/combine.h"
#include "services/gateway/sync/job_methods.h"
#include "services/gateway/sync/sealed.h"

namespace lianqiao::gateway::sync {
namespace {

constexpr int kPageSizeDefault = 100;
constexpr int kPageSizeMax = 1000;

// Where a service's list goes on: its page token, how many of that page have been shown already, and the last
// of them: jobs that have come meanwhile stand before it. A service that is not there has shown everything.
struct Place {
  std::string token;
  uint64_t shown = 0;
  uint64_t last_micros = 0;
  std::string last_id;
};
using Places = std::map<std::string, Place>;

std::string Pack(const Places& places) {
  std::string body;
  for (const auto& [service, place] : places) {
    PutText(service, &body);
    PutToken(place.token, &body);
    PutNumber(place.shown, &body);
    PutNumber(place.last_micros, &body);
    PutText(place.last_id, &body);
  }
  return places.empty() ? "" : Seal(Sealed::kPageToken, body);
}

bool Unpack(const std::string& text, Places* places) {
  std::string body;
  if (!Unseal(Sealed::kPageToken, text, &body) || body.empty()) return false;
  std::string_view rest = body;
  while (!rest.empty()) {
    std::string service;
    Place place;
    if (!TakeText(&rest, kServiceNameBytesMax, &service) || !TakeToken(&rest, &place.token) ||
        !TakeNumber(&rest, &place.shown) || place.shown >= kPageSizeMax ||
        !TakeNumber(&rest, &place.last_micros) || !TakeText(&rest, kServiceNameBytesMax, &place.last_id))
      return false;
    if (!places->emplace(service, place).second) return false;
  }
  return true;
}

google::protobuf::RepeatedPtrField<v1::Import>* JobsOf(v1::ListImportsResponse* response) {
  return response->mutable_imports();
}
google::protobuf::RepeatedPtrField<v1::Export>* JobsOf(v1::ListExportsResponse* response) {
  return response->mutable_exports();
}
void Name(const std::string& service, v1::Import* import) {
  NameImport(service, import);
}
void Name(const std::string& service, v1::Export* own) {
  NameExport(service, own);
}

template <typename Job>
bool IsNewer(const Job& a, const Job& b) {
  if (a.create_time().seconds() != b.create_time().seconds())
    return a.create_time().seconds() > b.create_time().seconds();
  return a.create_time().nanos() > b.create_time().nanos();
}

// By what services order their lists, descending.
using Key = std::pair<uint64_t, std::string>;
Key KeyOf(const v1::Import& job) {
  return {static_cast<uint64_t>(job.create_time().seconds()) * 1000000 +
              static_cast<uint64_t>(job.create_time().nanos()) / 1000,
          job.id()};
}
Key KeyOf(const v1::Export& job) {
  return {0, job.id()};  // It begins with the time.
}

// The first one behind what was shown.
template <typename Jobs>
int FirstUnshown(const Jobs& jobs, const Place& place) {
  int next = 0;
  if (place.last_id.empty()) return next;
  while (next < jobs.size() && KeyOf(jobs.Get(next)) >= Key(place.last_micros, place.last_id)) ++next;
  return next;
}

// Takes the newest of what the services have answered, each list in its order, and moves the places on.
template <typename Response>
Response Merge(const Call& call, int page_size, const std::vector<std::pair<size_t, Response>>& answers,
               Places* places) {
  Response page;
  std::vector<Response> lists;
  std::vector<int> next;
  for (const auto& [service, response] : answers) {
    lists.push_back(response);
    next.push_back(FirstUnshown(*JobsOf(&lists.back()), (*places)[call.services().name(service)]));
  }
  while (JobsOf(&page)->size() < page_size) {
    size_t best = lists.size();
    for (size_t i = 0; i < lists.size(); ++i) {
      if (next[i] >= JobsOf(&lists[i])->size()) continue;
      if (best == lists.size() ||
          IsNewer(JobsOf(&lists[i])->Get(next[i]), JobsOf(&lists[best])->Get(next[best])))
        best = i;
    }
    if (best == lists.size()) break;
    auto* job = JobsOf(&page)->Add();
    *job = JobsOf(&lists[best])->Get(next[best]++);
    const std::string& name = call.services().name(answers[best].first);
    std::tie((*places)[name].last_micros, (*places)[name].last_id) = KeyOf(*job);
    Name(name, job);
  }
  for (size_t i = 0; i < lists.size(); ++i) {
    const std::string& name = call.services().name(answers[i].first);
    if (next[i] < JobsOf(&lists[i])->size()) {
      (*places)[name].shown = static_cast<uint64_t>(next[i]);
    } else if (lists[i].next_page_token().empty()) {
      places->erase(name);
    } else {
      (*places)[name].token = lists[i].next_page_token();
      (*places)[name].shown = 0;
    }
  }
  return page;
}

template <typename Request, typename Response>
void ListJobs(const CallPointer& call, const char* path, const std::string& bytes, const rpc::Done& done) {
  Request request;
  if (!request.ParseFromString(bytes)) return done(NotA(request));
  std::vector<base::Violation> violations;
  Check(request, &violations);
  Places places;
  if (request.page_token().empty()) {
    for (size_t i = 0; i < call->services().size(); ++i) places[call->services().name(i)] = {};
  } else if (!Unpack(request.page_token(), &places)) {
    violations.push_back(base::Refuse("pageToken", base::ErrorReason::PAGE_TOKEN_INVALID));
  }
  if (!violations.empty()) return done(base::FailIfAny(violations));
  const int page_size = request.page_size() > 0 ? request.page_size() : kPageSizeDefault;
  std::vector<Question> questions;
  for (const auto& [name, place] : places) {
    const std::optional<size_t> service = call->services().Find(name);
    if (!service.has_value()) return done(Away({name}));
    Request question;
    question.set_page_size(std::min(kPageSizeMax, page_size + static_cast<int>(place.shown)));
    question.set_page_token(place.token);
    questions.push_back({*service, question.SerializeAsString()});
  }
  AskAll(call, path, std::move(questions), call->QuestionDeadline(),
         [call, page_size, places, done](const std::vector<Told>& answers) mutable {
           std::vector<std::pair<size_t, Response>> lists;
           for (const Told& told : answers) {
             const Verdict verdict = Judge(told.answer);
             const std::string& name = call->services().name(told.service);
             Response response;
             if (verdict == Verdict::kAway) return done(Away({name}));
             if (verdict == Verdict::kFailed) return done(FailureOf(*call, told.service, told.answer, {}));
             if (verdict == Verdict::kDenied) {
               places.erase(name);
               continue;
             }
             if (!response.ParseFromString(told.answer.bytes)) return done(BadAnswer(*call, told.service));
             lists.emplace_back(told.service, std::move(response));
           }
           Response page = Merge(*call, page_size, lists, &places);
           page.set_next_page_token(Pack(places));
           rpc::Reply reply;
           reply.bytes = page.SerializeAsString();
           done(std::move(reply));
         });
}

}  // namespace

void ListImports(const CallPointer& call, const std::string& bytes, rpc::Done done) {
  ListJobs<v1::ListImportsRequest, v1::ListImportsResponse>(call, kListImports, bytes, done);
}

void ListExports(const CallPointer& call, const std::string& bytes, rpc::Done done) {
  ListJobs<v1::ListExportsRequest, v1::ListExportsResponse>(call, kListExports, bytes, done);
}

}  // namespace lianqiao::gateway::sync
