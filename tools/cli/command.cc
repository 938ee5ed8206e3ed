// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/command.h"

#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "tools/cli/text_table.h"

namespace lianqiao::cli {

using base::Language;

namespace {

constexpr size_t kOptionColumns = 28;

const std::vector<Command>& Commands() {
  static const auto* commands = new std::vector<Command>{
      LoginCommand(),   GetCommand(),    ListCommand(),  CreateCommand(), UpdateCommand(),
      ImportCommand(),  ExportCommand(), JobsCommand(),  CancelCommand(), WatchCommand(),
      ChangesCommand(), DigestCommand(), MirrorCommand()};
  return *commands;
}

std::vector<Option> CommonOptions() {
  return {{"gateway", "HOST:PORT", "平台的 gRPC 地址(默认取 login 保存的)",
           "the platform's gRPC address (by default what login stored)"},
          {"credentials", "FILE", "客户端凭据文件,权限 0600", "the client's credentials, mode 0600"},
          {"lang", "zh|en", "输出语言(默认取自 $LANG)", "language of the output (by default by $LANG)"},
          {"output", "table|json", "供人阅读的表格,或供程序读取的 JSON(-o)",
           "a table for people, or JSON for programs (-o)"},
          {"quiet", "", "不显示进度", "no progress"},
          {"help", "", "显示本帮助", "this help"}};
}

// "zh_CN.UTF-8" is Chinese, anything else that is set is not.
Language LanguageOfEnvironment() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    return std::string(value).rfind("zh", 0) == 0 ? Language::kChinese : Language::kEnglish;
  }
  return Language::kChinese;
}

// Also for what is wrong with the words themselves.
Language LanguageOf(const std::vector<std::string>& words) {
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string next = i + 1 < words.size() ? words[i + 1] : "";
    if (words[i] == "--lang=zh" || (words[i] == "--lang" && next == "zh")) return Language::kChinese;
    if (words[i] == "--lang=en" || (words[i] == "--lang" && next == "en")) return Language::kEnglish;
  }
  return LanguageOfEnvironment();
}

void PrintOptions(const std::vector<Option>& options, const Context& context, std::ostream& out) {
  for (const Option& option : options) {
    const std::string name =
        absl::StrCat("  --", option.name, *option.value == '\0' ? "" : " ", option.value);
    out << Padded(name, kOptionColumns) << "  " << context.Say(option.zh, option.en) << '\n';
  }
}

void PrintHelp(const Command& command, const Context& context, std::ostream& out) {
  out << "lianqiao " << command.name << (*command.words == '\0' ? "" : " ") << command.words
      << context.Say(" [选项…]\n\n", " [OPTION…]\n\n") << context.Say(command.zh, command.en) << "\n\n";
  PrintOptions(command.options, context, out);
  PrintOptions(CommonOptions(), context, out);
}

void PrintOverview(const Context& context, std::ostream& out) {
  out << context.Say("lianqiao 命令 [选项…] — 联桥平台的命令行客户端\n\n",
                     "lianqiao COMMAND [OPTION…] — a client of the Lianqiao platform\n\n");
  for (const Command& command : Commands()) {
    const std::string text = context.Say(command.zh, command.en);
    out << "  " << Padded(command.name, 10) << text.substr(0, text.find('\n')) << '\n';
  }
  out << context.Say(
      "\n“lianqiao 命令 --help”显示该命令的选项。\n"
      "退出码:0 成功;1 错误;2 用法有误;3 未找到;4 未认证或无权限;5 冲突;6 暂时不可用。\n",
      "\n`lianqiao COMMAND --help` has its options.\n"
      "Exit codes: 0 done; 1 error; 2 wrong usage; 3 not found; 4 unauthenticated or denied; 5 conflict; "
      "6 unavailable.\n");
}

absl::Status Prepare(const Command& command, const std::vector<std::string>& words, Context* context) {
  std::vector<Option> options = command.options;
  for (const Option& option : CommonOptions()) options.push_back(option);
  ASSIGN_OR_RETURN(context->arguments, Arguments::Parse(words, options));
  const std::string language = context->arguments.Text("lang");
  if (!language.empty() && language != "zh" && language != "en")
    return WrongUsage("--lang 取 zh 或 en", "--lang takes zh or en");
  if (!language.empty()) context->language = language == "zh" ? Language::kChinese : Language::kEnglish;
  const std::string output = context->arguments.Text("output");
  if (!output.empty() && output != "json" && output != "table")
    return WrongUsage("--output 取 table 或 json", "--output takes table or json");
  context->json = output == "json";
  context->quiet = context->arguments.Has("quiet");
  if (context->arguments.Has("help")) return absl::OkStatus();
  const size_t count = context->arguments.words().size();
  if (count < command.words_min || count > command.words_max)
    return *command.words == '\0' ? WrongUsage(absl::StrCat(command.name, " 不带其他参数"),
                                               absl::StrCat(command.name, " takes options only"))
                                  : WrongUsage(absl::StrCat(command.name, " 的参数为:", command.words),
                                               absl::StrCat(command.name, " takes: ", command.words));
  return absl::OkStatus();
}

}  // namespace

int RunCommandLine(const std::vector<std::string>& words) {
  base::SetLogThreshold(base::Severity::kError);  // People read what commands say themselves.
  Context context;
  context.language = LanguageOf(words);
  if (words.empty()) {
    PrintOverview(context, std::cerr);
    return kWrongUsage;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    PrintOverview(context, std::cout);
    return kSuccess;
  }
  for (const Command& command : Commands()) {
    if (words[0] != command.name) continue;
    absl::Status status = Prepare(command, {words.begin() + 1, words.end()}, &context);
    if (status.ok() && context.arguments.Has("help")) {
      PrintHelp(command, context, std::cout);
      return kSuccess;
    }
    if (status.ok()) status = command.run(context);
    std::cout.flush();
    if (status.ok()) return kSuccess;
    PrintFailure(status, context.language, std::cerr);
    if (IsWrongUsage(status))
      std::cerr << context.Say("  → 见 lianqiao ", "  → see lianqiao ") << command.name << " --help\n";
    return ExitCodeOf(status);
  }
  std::cerr << "lianqiao: " << context.Say("没有此命令:", "there is no command ") << words[0] << '\n';
  return kWrongUsage;
}

}  // namespace lianqiao::cli
