// SPDX-License-Identifier: Apache-2.0
// The background part of stamping: dependants of a record whose scope changed, in chunks of ordinary changes.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/ids.h"
#include "libs/resource/foreign_scope.h"
#include "libs/resource/list.h"
#include "libs/resource/unit.h"

namespace lianqiao::resource {

using postgres::Parameters;
using postgres::Query;

namespace {

// The newest first: what a job left behind it is done before it ends itself, and with it the care taken with
// everything below the record that moved.
const Query kNext{"next_restamp_job",
                  "SELECT job_id, kind, id, step, after_id, coalesce(root_id, job_id) FROM restamp_job"
                  " ORDER BY create_time DESC, job_id DESC LIMIT 1 FOR UPDATE SKIP LOCKED"};
const Query kAdvance{"advance_restamp_job",
                     "UPDATE restamp_job SET step = $2, after_id = $3::uuid WHERE job_id = $1::uuid"};
const Query kDone{"finish_restamp_job",
                  "DELETE FROM restamp_job WHERE job_id = $1::uuid AND NOT EXISTS"
                  " (SELECT 1 FROM restamp_job part WHERE part.root_id = $1::uuid)"};

std::vector<contract::Reference> Dependants(const contract::Contract& contract, const std::string& kind) {
  const std::pair<std::string, std::string> named = absl::StrSplit(kind, absl::MaxSplits('/', 1));
  return named.second.empty() ? contract.ReferencesTo(*contract.FindKind(kind))
                              : HangingOn(contract, named.first, named.second);
}

}  // namespace

Call PlatformCall(absl::Time now) {
  static const Method* none = new Method{};
  Call call;
  auto context = std::make_shared<rpc::CallContext>();
  context->request_id = base::RandomId();
  call.context = context;
  call.caller.client_id = "platform";
  call.method = none;
  call.now = now;
  return call;
}

absl::StatusOr<int> Engine::RestampSome(absl::Time deadline, int records_max) {
  EngineCore& core = *core_;
  int done = 0;
  const absl::Status status = core.options.writes->Run(deadline, [&](postgres::Session& session) {
    return session.Transact([&](postgres::Statements& transaction) -> absl::Status {
      done = 0;
      ASSIGN_OR_RETURN(const postgres::Result job, transaction.Execute(kNext, {}));
      if (job.rows() == 0) return absl::OkStatus();
      const std::vector<contract::Reference> references = Dependants(*core.options.contract, job.Text(0, 1));
      const int step = static_cast<int>(job.Integer(0, 3));
      if (step >= static_cast<int>(references.size())) {
        ASSIGN_OR_RETURN(const postgres::Result ended,
                         transaction.Execute(kDone, Parameters().Text(job.Text(0, 0))));
        done = static_cast<int>(ended.affected_rows());  // 0: another process works on a part of it.
        return absl::OkStatus();
      }
      const Call call = PlatformCall(core.options.clock->Now());
      Unit unit(core, transaction, call);
      unit.SetRestampRoot(job.Text(0, 5));
      const std::string after = job.IsNull(0, 4) ? store::kNilId : job.Text(0, 4);
      ASSIGN_OR_RETURN(const std::string last, unit.RestampChildren(references[static_cast<size_t>(step)],
                                                                    job.Text(0, 2), after, records_max));
      done = 1 + static_cast<int>(unit.changes().size());
      Parameters p;
      p.Text(job.Text(0, 0)).Integer(last.empty() ? step + 1 : step);
      if (last.empty()) {
        p.Null();
      } else {
        p.Text(last);
      }
      RETURN_IF_ERROR(transaction.Execute(kAdvance, p).status());
      return unit.empty() ? absl::OkStatus() : unit.Finish({}, {}).status();
    });
  });
  if (!status.ok()) return status;
  return done;
}

}  // namespace lianqiao::resource
