#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>

#include "fixtures/faults/fault.h"
#include "kit/host/installation.h"
#include "kit/host/lacking.h"
#include "kit/host/poisoned_heaps.h"
#include "kit/scripted_kernel/probe.h"
#include "kit/subjects/catalogue.h"
#include "kit/values/scenario_json.h"
#include "kit/values/verdict.h"
#include "runner/baseline.h"
#include "runner/doctor/doctor_command.h"
#include "runner/escaping.h"
#include "runner/init_command.h"
#include "runner/list.h"
#include "runner/options.h"
#include "runner/property_command.h"
#include "runner/replay_command.h"
#include "runner/report_command.h"
#include "runner/run_command.h"
#include "runner/saved_results.h"

namespace recvinto::runner {
namespace {

/// Whether what was asked for is about an implementation, or about whether one can be judged here.
bool judges(Options::Command command) {
  using enum Options::Command;
  return command == kRun || command == kBaseline || command == kProperty || command == kReplay || command == kProbe;
}

int start(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  if (options.poison) kit::poison_heaps();
  if (judges(options.command)) {
    kit::require_poll();
    kit::require_proc();
  }
  // So that an implementation inside this file can be served by a child.
  const kit::Catalogue catalogue(kit::this_program(), kit::named_faults());
  switch (options.command) {
    case Options::Command::kList:
      if (options.faults) {
        list_faults(std::cout, options.json);
      } else {
        list_checks(std::cout, options.json);
      }
      return kExitAsExpected;
    case Options::Command::kProbe:
      fmt::print("{}", kit::describe(kit::scripted_kernel_support()));
      return kit::scripted_kernel_support().available() ? kExitAsExpected : kExitNothingRan;
    case Options::Command::kProperty:
      if (options.list_laws) {
        print_laws();
        return kExitAsExpected;
      }
      if (options.out) prepare_directory(*options.out, "--out");
      return try_laws(options, catalogue);
    case Options::Command::kReplay:
      return replay(options, catalogue);
    case Options::Command::kReport:
      return report(options);
    case Options::Command::kDoctor:
      return examine(options, catalogue);
    case Options::Command::kInit:
      return write_template(options);
    case Options::Command::kServe:
      return kit::serve(*catalogue.make_receiver(options.served));
    case Options::Command::kRun:
    case Options::Command::kBaseline:
      break;
  }
  return run(options, catalogue);
}

}  // namespace
}  // namespace recvinto::runner

int main(int argc, char** argv) {
  using namespace recvinto::runner;
  // Where nothing can be written, nothing is said: fmt::print would throw.
  const auto say = [](const std::string& text) { static_cast<void>(std::fputs(text.c_str(), stderr)); };
  const auto complain = [&say](const std::exception& error, int status) {
    say(fmt::format("recvmsg-conformance: {}\n", visible(error.what())));
    return status;
  };
  const auto complain_of_the_host = [&say](const std::exception& error) {
    say(fmt::format("recvmsg-conformance: nothing can be judged on this host: {}\n", visible(error.what())));
    return kExitNothingRan;
  };
  try {
    return start(argc, argv);
  } catch (const EarlyEnd& end) {
    return end.status;
  } catch (const recvinto::kit::UnreadableScenario& error) {
    return complain(error, kExitUsage);
  } catch (const UnusableResults& error) {
    return complain(error, kExitUsage);
  } catch (const recvinto::kit::UnknownSpecification& error) {
    return complain(error, kExitUsage);
  } catch (const UnusableBaseline& error) {
    return complain(error, kExitBaseline);
  } catch (const recvinto::kit::CannotStart& error) {
    const int status = complain(error, kExitCannotStart);
    if (std::string_view(error.what()).starts_with("no adapter")) {
      say("recvmsg-conformance: 'recvmsg-conformance doctor SPEC' examines an adapter step by step\n");
    }
    return status;
  } catch (const recvinto::kit::Interrupted& error) {
    return complain(error, kExitFailures);
  } catch (const recvinto::kit::EnvironmentLacks& error) {
    return complain_of_the_host(error);
  } catch (const std::system_error& error) {
    return recvinto::kit::is_the_hosts(error) ? complain_of_the_host(error) : complain(error, kExitSuiteFault);
  } catch (const std::exception& error) {
    return complain(error, kExitSuiteFault);
  }
}
