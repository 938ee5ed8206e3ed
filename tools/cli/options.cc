// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/options.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/limits.h"

namespace lianqiao::cli {
namespace {

absl::Status Wrong(const std::string& what) {
  return absl::InvalidArgumentError(what);
}

absl::Status Set(const std::string& name, const std::string& value, Options* options) {
  if (value.empty()) return Wrong(absl::StrCat("--", name, " needs a value"));
  if (name == "server") {
    options->server = value;
  } else if (name == "credentials") {
    options->credentials = value;
  } else if (name == "sample") {
    options->sample = value;
  } else if (name == "data") {
    options->data = value;
  } else if (name == "mappings") {
    options->mappings = value;
  } else if (name == "report") {
    options->report = value;
  } else if (name == "language") {
    if (value.rfind("zh", 0) != 0 && value.rfind("en", 0) != 0) return Wrong("--language takes zh or en");
    options->language = value.rfind("en", 0) == 0 ? Language::kEnglish : Language::kChinese;
  } else if (name == "batch-size") {
    int& size = options->import.batch_size;
    if (!absl::SimpleAtoi(value, &size) || size < 1 || size > base::kBatchUpsertRecordsMax)
      return Wrong(absl::StrCat("--batch-size takes 1 to ", base::kBatchUpsertRecordsMax));
  } else {
    return Wrong(absl::StrCat("unknown option --", name));
  }
  return absl::OkStatus();
}

absl::Status Check(const Options& options) {
  if (options.help) return absl::OkStatus();
  if (options.server.empty()) return Wrong("--server is missing");
  if (options.credentials.empty()) return Wrong("--credentials is missing");
  if (options.sample.empty() == options.data.empty()) return Wrong("give either --sample or --data");
  if (!options.sample.empty() && !options.mappings.empty()) return Wrong("--mappings belongs to --data");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Options> ParseOptions(const std::vector<std::string>& arguments) {
  Options options;
  if (arguments.empty()) return Wrong("a command is missing");
  if (arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    options.help = true;
    return options;
  }
  if (arguments[0] != "import") return Wrong(absl::StrCat("unknown command ", arguments[0]));
  for (size_t i = 1; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help" || argument == "-h") {
      options.help = true;
    } else if (argument == "--quiet") {
      options.import.progress = false;
    } else if (argument.rfind("--", 0) != 0) {
      return Wrong(absl::StrCat("unexpected ", argument));
    } else {
      const size_t equals = argument.find('=');
      std::string value;
      if (equals != std::string::npos) value = argument.substr(equals + 1);
      if (equals == std::string::npos && i + 1 < arguments.size()) value = arguments[++i];
      const absl::Status status =
          Set(argument.substr(2, equals == std::string::npos ? equals : equals - 2), value, &options);
      if (!status.ok()) return status;
    }
  }
  if (const absl::Status status = Check(options); !status.ok()) return status;
  return options;
}

std::string Usage() {
  return R"(lianqiao import --server=URL --credentials=FILE (--sample DIR | --data DIR) [OPTION…]

Loads a folder into a running platform through its public API. Repeating it makes no duplicates.
把一个文件夹经公共接口导入正在运行的平台;重复执行不会产生重复记录。

  --server URL        the platform, e.g. http://127.0.0.1:8080            平台地址
  --credentials FILE  client_id and client_secret as JSON, mode 0600      客户端凭据文件
  --sample DIR        NN_<collection>.ndjson, records as the API takes them; a refusal is an error
  --data DIR          CSV files, read by the mappings                     按映射读取 CSV
  --mappings DIR      mappings of your own instead of the built-in ones   自备映射
  --report FILE       every refusal, skip and sum as NDJSON               机器可读报告
  --language zh|en    of the report (zh)                                  报告语言
  --batch-size N      records in a request, up to 500 (250)               每批记录数
  --quiet             no progress on stderr                               不显示进度

Exit code: 0 everything was stored or its refusal reported; 1 something could not be sent or read, or the
sample was refused; 2 wrong usage.
)";
}

}  // namespace lianqiao::cli
