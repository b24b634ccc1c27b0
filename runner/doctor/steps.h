#pragma once

#include <vector>

#include "runner/doctor/examined_adapter.h"

namespace recvinto::runner {

/// One step of the doctor.
struct DoctorStep {
  std::string name;
  std::function<Finding(ExaminedAdapter&)> examine;
};

/// The program and its reply to hello: without these two there is nothing more to examine.
std::vector<DoctorStep> steps_of_the_start();
/// Lines and ends of lines, requests that it does not know, the end.
std::vector<DoctorStep> steps_of_the_protocol();
/// Calls: buffers, sockets of each kind, descriptors.
std::vector<DoctorStep> steps_of_calls();
/// Waiting: timeouts, signals.
std::vector<DoctorStep> steps_of_waiting();
/// A crash and a hang that the doctor provokes, and what comes after them.
std::vector<DoctorStep> steps_of_crash_and_hang();

}  // namespace recvinto::runner
