// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/registry/cpu.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace lianqiao::bench {
namespace {

// From proc(5), counted from the field behind the name in brackets.
struct Stat {
  pid_t parent = 0;
  double own = 0;
  double reaped = 0;
};

Stat Read(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  const size_t name_end = line.rfind(')');
  Stat stat;
  if (name_end == std::string::npos) return stat;
  std::istringstream fields(line.substr(name_end + 1));
  static const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  std::string text;
  for (int field = 3; fields >> text && field <= 17; ++field) {
    if (field == 4) stat.parent = std::atoi(text.c_str());
    if (field == 14 || field == 15) stat.own += std::atof(text.c_str()) / ticks;
    if (field == 16 || field == 17) stat.reaped += std::atof(text.c_str()) / ticks;
  }
  return stat;
}

double SecondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

double OwnProcessorSeconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return SecondsOf(usage.ru_utime) + SecondsOf(usage.ru_stime);
}

double ProcessorSeconds(pid_t pid) {
  return Read(pid).own;
}

double TreeProcessorSeconds(pid_t pid) {
  const Stat top = Read(pid);
  double seconds = top.own + top.reaped;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const pid_t child = std::atoi(entry.path().filename().c_str());
    if (child <= 0) continue;
    const Stat stat = Read(child);
    if (stat.parent == pid) seconds += stat.own;
  }
  return seconds;
}

long MemoryKibibytes(pid_t pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  std::string line;
  while (std::getline(file, line)) {
    if (line.rfind(name + ":", 0) == 0) return std::atol(line.c_str() + name.size() + 1);
  }
  return 0;
}

bool ResetPeakMemory(pid_t pid) {
  std::ofstream file("/proc/" + std::to_string(pid) + "/clear_refs");
  file << "5" << std::flush;
  return file.good();
}

double PeakMebibytes(pid_t pid) {
  return static_cast<double>(MemoryKibibytes(pid, "VmHWM")) / 1024;
}

}  // namespace lianqiao::bench
