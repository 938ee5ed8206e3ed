// SPDX-License-Identifier: Apache-2.0
#include "libs/runtime/process_metrics.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

namespace lianqiao::runtime {
namespace {

using prometheus::MetricType;

// Fields of /proc/self/stat behind the name, which may hold spaces; numbered as in proc(5), from 3.
class Stat {
 public:
  Stat() {
    std::string text;
    std::getline(std::ifstream("/proc/self/stat"), text);
    std::istringstream stream(text.substr(text.rfind(')') + 1));
    for (std::string field; stream >> field;) fields_.push_back(field);
  }
  double operator[](size_t number) const {
    return number - 3 < fields_.size() ? std::stod(fields_[number - 3]) : 0;
  }

 private:
  std::vector<std::string> fields_;
};

double BootTime() {
  std::ifstream stream("/proc/stat");
  double seconds = 0;
  for (std::string word; stream >> word;)
    if (word == "btime") stream >> seconds;
  return seconds;
}

double OpenFiles() {
  double count = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator file("/proc/self/fd", error), end; !error && file != end;
       file.increment(error))
    ++count;
  return count;
}

prometheus::MetricFamily Single(const char* name, const char* help, MetricType type, double value) {
  prometheus::ClientMetric metric;
  metric.gauge.value = metric.counter.value = value;
  return prometheus::MetricFamily{name, help, type, {metric}};
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  const Stat stat;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  static const double boot = BootTime();
  return {Single("process_cpu_seconds_total", "Processor time used", MetricType::Counter,
                 (stat[14] + stat[15]) / ticks),
          Single("process_resident_memory_bytes", "Memory in use", MetricType::Gauge,
                 stat[24] * static_cast<double>(sysconf(_SC_PAGESIZE))),
          Single("process_virtual_memory_bytes", "Address space in use", MetricType::Gauge, stat[23]),
          Single("process_open_fds", "Open files and sockets", MetricType::Gauge, OpenFiles()),
          Single("process_threads", "Threads", MetricType::Gauge, stat[20]),
          Single("process_start_time_seconds", "Start, as seconds since 1970", MetricType::Gauge,
                 boot + stat[22] / ticks)};
}

}  // namespace lianqiao::runtime
