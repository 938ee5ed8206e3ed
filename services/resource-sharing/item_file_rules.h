// SPDX-License-Identifier: Apache-2.0
// What an edition of a resource item may name, and what keeps a file. Pure.
#pragma once

#include "lianqiao/resources/v1/file.pb.h"
#include "lianqiao/resources/v1/resource_version.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::resources {

resource::Violations CheckVersionFiles(const v1::ResourceVersion* before, const v1::ResourceVersion& after,
                                       const resource::Facts& facts);
resource::Violations CheckFileDeletion(const v1::File& file, const resource::Facts& facts);

}  // namespace lianqiao::resources
