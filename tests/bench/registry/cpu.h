// SPDX-License-Identifier: Apache-2.0
// Processor time that processes used, in seconds of user and system time together.
#pragma once

#include <sys/types.h>

#include <string>

namespace lianqiao::bench {

double OwnProcessorSeconds();
// Of one process with all its threads.
double ProcessorSeconds(pid_t pid);
// Of a server that forks: itself, its living children and those it has reaped.
double TreeProcessorSeconds(pid_t pid);
// A line of /proc/<pid>/status in KiB ("VmRSS", "RssAnon"); 0 if there is none.
long MemoryKibibytes(pid_t pid, const std::string& name);
// The most that a process has held since the last reset, in MiB (VmHWM). Resetting takes the right to write
// to the process's /proc: root or the same account.
bool ResetPeakMemory(pid_t pid);
double PeakMebibytes(pid_t pid);

}  // namespace lianqiao::bench
