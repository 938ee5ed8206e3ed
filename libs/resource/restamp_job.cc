// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/restamp_job.h"

#include <algorithm>
#include <iterator>

#include "libs/base/ids.h"

namespace lianqiao::resource {

using postgres::Parameters;
using postgres::Query;

namespace {

std::vector<std::string> Minus(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  std::vector<std::string> rest;
  std::copy_if(all.begin(), all.end(), std::back_inserter(rest),
               [&](const std::string& id) { return std::find(some.begin(), some.end(), id) == some.end(); });
  return rest;
}

}  // namespace

absl::Status TellRestampJobs(postgres::Statements& transaction, const RestampJob& job) {
  static const Query kTell{
      "tell_restamp_jobs",
      "UPDATE restamp_job SET"
      " lost = ARRAY(SELECT unnest(lost || $3::text::uuid[]) EXCEPT SELECT unnest($4::text::uuid[])),"
      " write_lost = ARRAY(SELECT unnest(write_lost || $5::text::uuid[]) EXCEPT SELECT "
      "unnest($6::text::uuid[]))"
      " WHERE kind = $1 AND id = $2::uuid AND root_id IS NULL"};
  Parameters p;
  p.Text(job.kind).Text(job.id);
  p.TextArray(Minus(job.before.scope, job.now.scope)).TextArray(job.now.scope);
  p.TextArray(Minus(job.before.write_scope, job.now.write_scope)).TextArray(job.now.write_scope);
  return transaction.Execute(kTell, p).status();
}

absl::Status AddRestampJob(postgres::Statements& transaction, const RestampJob& job, absl::Time now) {
  static const Query kAdd{
      "add_restamp_job",
      "INSERT INTO restamp_job (job_id, kind, id, create_time, root_id, lost, write_lost)"
      " VALUES ($1::uuid, $2, $3::uuid, $4::timestamptz, $5::uuid, $6::text::uuid[], $7::text::uuid[])"};
  Parameters p;
  p.Text(base::NewId(now)).Text(job.kind).Text(job.id).Time(now);
  if (job.root_id.empty()) {
    p.Null();
  } else {
    p.Text(job.root_id);
  }
  p.TextArray(Minus(job.before.scope, job.now.scope));
  p.TextArray(Minus(job.before.write_scope, job.now.write_scope));
  return transaction.Execute(kAdd, p).status();
}

}  // namespace lianqiao::resource
