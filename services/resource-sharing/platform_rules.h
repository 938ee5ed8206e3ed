// SPDX-License-Identifier: Apache-2.0
// What platforms, and the clouds above them with their counts, must satisfy. Pure.
#pragma once

#include "lianqiao/resources/v1/platform.pb.h"
#include "lianqiao/resources/v1/upstream_cloud.pb.h"
#include "lianqiao/resources/v1/upstream_use.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::resources {

resource::Violations CheckPlatform(const v1::Platform* before, const v1::Platform& after,
                                   const resource::Facts& facts);
resource::Violations CheckUpstreamCloud(const v1::UpstreamCloud* before, const v1::UpstreamCloud& after,
                                        const resource::Facts& facts);
resource::Violations CheckUpstreamUse(const v1::UpstreamUse* before, const v1::UpstreamUse& after,
                                      const resource::Facts& facts);

}  // namespace lianqiao::resources
