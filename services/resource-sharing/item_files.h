// SPDX-License-Identifier: Apache-2.0
// What ties files to the editions of resource items: an edition names whole files of its author, a named file
// stays, and whoever may read an edition may read its files.
#pragma once

#include <string>

#include "lianqiao/resources/v1/file.pb.h"
#include "libs/resource/service.h"

namespace lianqiao::resources {

void AddItemFiles(resource::Service& service);

// A file that the caller may read by itself or in an edition. NOT_FOUND otherwise.
absl::StatusOr<v1::File> FindFile(resource::Reading& reading, const std::string& id);

}  // namespace lianqiao::resources
