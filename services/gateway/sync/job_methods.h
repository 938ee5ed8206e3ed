// SPDX-License-Identifier: Apache-2.0
// Imports and exports of all services, but for the upload itself. On the loop; each answers once.
#pragma once

#include <memory>
#include <string>

#include "services/gateway/sync/call.h"
#include "services/gateway/sync/outlet.h"

namespace lianqiao::gateway::sync {

inline constexpr char kGetImport[] = "/lianqiao.sync.v1.ImportService/GetImport";
inline constexpr char kListImports[] = "/lianqiao.sync.v1.ImportService/ListImports";
inline constexpr char kCancelImport[] = "/lianqiao.sync.v1.ImportService/CancelImport";
inline constexpr char kListImportErrors[] = "/lianqiao.sync.v1.ImportService/ListImportErrors";
inline constexpr char kReadRefusedLines[] = "/lianqiao.sync.v1.ImportService/ReadRefusedLines";
inline constexpr char kCreateExport[] = "/lianqiao.sync.v1.ExportService/CreateExport";
inline constexpr char kGetExport[] = "/lianqiao.sync.v1.ExportService/GetExport";
inline constexpr char kListExports[] = "/lianqiao.sync.v1.ExportService/ListExports";
inline constexpr char kCancelExport[] = "/lianqiao.sync.v1.ExportService/CancelExport";
inline constexpr char kReadExportFile[] = "/lianqiao.sync.v1.ExportService/ReadExportFile";

void GetImport(const CallPointer& call, const std::string& bytes, rpc::Done done);
void CancelImport(const CallPointer& call, const std::string& bytes, rpc::Done done);
void ListImports(const CallPointer& call, const std::string& bytes, rpc::Done done);
// Of a group service by service, in the order of the lines within each.
void ListImportErrors(const CallPointer& call, const std::string& bytes, rpc::Done done);
void CreateExport(const CallPointer& call, const std::string& bytes, rpc::Done done);
void GetExport(const CallPointer& call, const std::string& bytes, rpc::Done done);
void CancelExport(const CallPointer& call, const std::string& bytes, rpc::Done done);
void ListExports(const CallPointer& call, const std::string& bytes, rpc::Done done);

std::shared_ptr<StreamWork> ReadRefusedLines(const CallPointer& call, const std::string& bytes,
                                             std::shared_ptr<rpc::ServerStream> stream);
std::shared_ptr<StreamWork> ReadExportFile(const CallPointer& call, const std::string& bytes,
                                           std::shared_ptr<rpc::ServerStream> stream);

}  // namespace lianqiao::gateway::sync
