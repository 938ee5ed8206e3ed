// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/job_methods.h"

#include "services/gateway/sync/combine.h"
#include "services/gateway/sync/jobs.h"
#include "services/gateway/sync/sealed.h"

namespace lianqiao::gateway::sync {
namespace {

void Name(const std::string& service, v1::Import* import) {
  NameImport(service, import);
}
void Name(const std::string& service, v1::Export* own) {
  NameExport(service, own);
}
v1::Import Combine(const std::string& id, const std::vector<v1::Import>& parts) {
  return CombineImports(id, parts);
}
v1::Export Combine(const std::string& id, const std::vector<v1::Export>& parts) {
  return CombineExports(id, parts);
}

rpc::Reply ReplyOf(const google::protobuf::Message& message) {
  rpc::Reply reply;
  reply.bytes = message.SerializeAsString();
  return reply;
}

template <typename Job>
absl::StatusOr<Job> NamedJob(const Call& call, const Told& told) {
  Job job;
  if (!job.ParseFromString(told.answer.bytes)) return BadAnswer(call, told.service);
  Name(call.services().name(told.service), &job);
  return job;
}

// Reads a request whose only field is an id.
template <typename Request>
bool Parse(const std::string& bytes, Request* request, const rpc::Done& done) {
  if (!request->ParseFromString(bytes)) {
    done(NotA(*request));
    return false;
  }
  std::vector<base::Violation> violations;
  Check(*request, &violations);
  if (violations.empty()) return true;
  done(base::FailIfAny(violations));
  return false;
}

// Get and Cancel: of the one service that has the job, or of every part of a group.
template <typename Request, typename Job>
void OneJob(const CallPointer& call, const char* path, const std::string& bytes, rpc::Done done) {
  Request request;
  if (!Parse(bytes, &request, done)) return;
  FindParts(call, request.id(), [=](const absl::StatusOr<JobParts>& parts) {
    if (!parts.ok()) return done(parts.status());
    if (parts->size() < 2) {
      return AskOwner(call, path, bytes, [=](const absl::StatusOr<Told>& told) {
        if (!told.ok()) return done(told.status());
        const auto job = NamedJob<Job>(*call, *told);
        if (!job.ok()) return done(job.status());
        done(ReplyOf(*job));
      });
    }
    const auto request_of = [](const std::string& id) {
      Request part;
      part.set_id(id);
      return part.SerializeAsString();
    };
    AskParts(call, path, *parts, request_of, [=](const absl::StatusOr<std::vector<Told>>& answers) {
      if (!answers.ok()) return done(answers.status());
      std::vector<Job> jobs;
      for (const Told& told : *answers) {
        auto job = NamedJob<Job>(*call, told);
        if (!job.ok()) return done(job.status());
        jobs.push_back(*std::move(job));
      }
      done(ReplyOf(Combine(request.id(), jobs)));
    });
  });
}

}  // namespace

void GetImport(const CallPointer& call, const std::string& bytes, rpc::Done done) {
  OneJob<v1::GetImportRequest, v1::Import>(call, kGetImport, bytes, std::move(done));
}

void CancelImport(const CallPointer& call, const std::string& bytes, rpc::Done done) {
  OneJob<v1::CancelImportRequest, v1::Import>(call, kCancelImport, bytes, std::move(done));
}

void GetExport(const CallPointer& call, const std::string& bytes, rpc::Done done) {
  OneJob<v1::GetExportRequest, v1::Export>(call, kGetExport, bytes, std::move(done));
}

void CancelExport(const CallPointer& call, const std::string& bytes, rpc::Done done) {
  OneJob<v1::CancelExportRequest, v1::Export>(call, kCancelExport, bytes, std::move(done));
}

void ListImportErrors(const CallPointer& call, const std::string& bytes, rpc::Done done) {
  v1::ListImportErrorsRequest request;
  if (!Parse(bytes, &request, done)) return;
  FindParts(call, request.id(), [=](const absl::StatusOr<JobParts>& parts) {
    if (!parts.ok()) return done(parts.status());
    if (parts->size() < 2) {
      return AskOwner(call, kListImportErrors, bytes, [=](absl::StatusOr<Told> told) {
        if (!told.ok()) return done(told.status());
        rpc::Reply reply;
        reply.bytes = std::move(told->answer.bytes);
        done(std::move(reply));
      });
    }
    // The token: which part, and that service's own token.
    uint64_t index = 0;
    std::string own;
    std::string body;
    const bool first = request.page_token().empty();
    if (!first && Unseal(Sealed::kPageToken, request.page_token(), &body)) {
      std::string_view rest = body;
      if (!TakeNumber(&rest, &index) || !TakeText(&rest, kPartBytesMax, &own) || !rest.empty())
        index = parts->size();
    }
    if ((!first && body.empty()) || index >= parts->size())
      return done(base::FailIfAny({base::Refuse("pageToken", base::ErrorReason::PAGE_TOKEN_INVALID)}));
    const auto request_of = [&](const std::string& id) {
      v1::ListImportErrorsRequest part;
      part.set_id(id);
      part.set_page_size(request.page_size());
      part.set_page_token(own);
      return part.SerializeAsString();
    };
    const bool last = index + 1 == parts->size();
    AskParts(call, kListImportErrors, {(*parts)[index]}, request_of,
             [=](const absl::StatusOr<std::vector<Told>>& answers) {
               if (!answers.ok()) return done(answers.status());
               v1::ListImportErrorsResponse response;
               if (!response.ParseFromString(answers->front().answer.bytes))
                 return done(BadAnswer(*call, answers->front().service));
               std::string next;
               PutNumber(response.next_page_token().empty() ? index + 1 : index, &next);
               PutText(response.next_page_token(), &next);
               const bool end = last && response.next_page_token().empty();
               response.set_next_page_token(end ? "" : Seal(Sealed::kPageToken, next));
               done(ReplyOf(response));
             });
  });
}

}  // namespace lianqiao::gateway::sync
