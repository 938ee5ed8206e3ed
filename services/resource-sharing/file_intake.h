// SPDX-License-Identifier: Apache-2.0
// UploadFile: the bytes of a file on their way into the store.
#pragma once

#include <memory>

#include "lianqiao/resources/v1/file.pb.h"
#include "libs/content/store.h"
#include "libs/resource/transfer.h"

namespace lianqiao::resources {

std::unique_ptr<resource::Intake> MakeFileIntake(content::Store* store);

// What clients learn of an upload; a stored file has all of its bytes.
v1::FileUpload UploadOf(v1::File file, int64_t received_bytes);

}  // namespace lianqiao::resources
