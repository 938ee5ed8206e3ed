// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/platform_service.h"

#include "absl/time/time.h"
#include "libs/resource/wrong_state.h"
#include "services/resource-sharing/platform_rules.h"

namespace lianqiao::resources {
namespace {

using resource::Writing;
using v1::UpstreamCloud;

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

void SetTime(absl::Time time, google::protobuf::Timestamp* timestamp) {
  const int64_t microseconds = absl::ToUnixMicros(time);
  timestamp->set_seconds(microseconds / 1000000);
  timestamp->set_nanos(static_cast<int>(microseconds % 1000000 * 1000));
}

absl::StatusOr<UpstreamCloud> ReportUpstreamImport(Writing& writing,
                                                   const v1::ReportUpstreamImportRequest& request) {
  ASSIGN_OR_RETURN(UpstreamCloud cloud, writing.Load<UpstreamCloud>(request.id(), request.etag()));
  if (cloud.sync_state() != v1::UPSTREAM_SYNC_STATE_LINKED &&
      cloud.sync_state() != v1::UPSTREAM_SYNC_STATE_FAILING)
    return resource::WrongState(cloud.sync_state(), "LINKED, FAILING");
  const absl::Time time = request.has_import_time() ? TimeOf(request.import_time()) : writing.now();
  if (time > writing.now() + absl::Minutes(1))
    return base::FailIfAny({base::RefuseRule("importTime", "导入时间未到", "lies ahead")});
  if (cloud.has_last_import_time() && time < TimeOf(cloud.last_import_time()))
    return base::FailIfAny(
        {base::RefuseRule("importTime", "早于已登记的最近一次导入", "is before the last import on record")});
  SetTime(time, cloud.mutable_last_import_time());
  cloud.set_last_imported_count(request.imported_count());
  cloud.set_last_refused_count(request.refused_count());
  cloud.set_last_error(request.error());
  cloud.set_sync_state(request.error().empty() ? v1::UPSTREAM_SYNC_STATE_LINKED
                                               : v1::UPSTREAM_SYNC_STATE_FAILING);
  RETURN_IF_ERROR(writing.Update(&cloud));
  return cloud;
}

}  // namespace

void AddPlatforms(resource::Service& service) {
  resource::Resource<v1::Platform>(service).rules(CheckPlatform);
  resource::Resource<UpstreamCloud>(service)
      .rules(CheckUpstreamCloud)
      .on("ReportUpstreamImport", ReportUpstreamImport);
  resource::Resource<v1::UpstreamUse>(service).rules(CheckUpstreamUse);
}

}  // namespace lianqiao::resources
