#include "runner/report_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>

#include "kit/host/files.h"
#include "recvinto/unique_fd.h"
#include "runner/badge.h"
#include "runner/escaping.h"
#include "runner/html_report.h"
#include "runner/markdown.h"
#include "runner/matrix.h"
#include "runner/page_groups.h"
#include "runner/run_command.h"
#include "runner/saved_results.h"
#include "runner/tap.h"

namespace recvinto::runner {
namespace {

using nlohmann::json;

std::string indented(const json& object) {
  return object.dump(1, ' ', false, json::error_handler_t::replace) + '\n';
}

/// Behind what other steps of a pipeline wrote there.
void append(const std::filesystem::path& file, const std::string& text) {
  const UniqueFd fd(open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
  std::size_t done = 0;
  while (fd && done < text.size()) {
    const ssize_t count = write(fd.get(), text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  if (done < text.size()) throw std::system_error(errno, std::system_category(), "cannot write " + file.string());
}

void write_matrix(const std::vector<MatrixRun>& runs, const std::filesystem::path& directory) {
  for (const char* folder : {"runs", "badges"}) prepare_directory(directory / folder, "--out");
  for (const MatrixRun& run : runs) {
    kit::write_whole(directory / run.report, html_report(run.data));
    const Badge badge = badge_of(tally_of(run.data));
    const std::string name = std::filesystem::path(run.report).stem().string();
    kit::write_whole(directory / "badges" / (name + ".svg"), badge_svg(badge));
    kit::write_whole(directory / "badges" / (name + ".json"), indented(badge_json(badge)));
  }
  kit::write_whole(directory / "matrix.json", indented(matrix_json(runs)));
  kit::write_whole(directory / "index.html", matrix_html(runs));
}

}  // namespace

void write_short_reports(const Options& options, const std::vector<json>& runs) {
  if (options.summary) append(*options.summary, markdown_summary(runs));
  if (options.tap) kit::write_whole(*options.tap, tap_of(runs));
}

int report(const Options& options) {
  if (!options.out && !options.summary && !options.tap) {
    fmt::print(stderr, "recvmsg-conformance: report: nothing to write; give --out DIR, --summary FILE or --tap FILE\n");
    return kExitUsage;
  }
  std::vector<json> runs;
  for (const std::filesystem::path& file : options.reported) runs.push_back(read_results(file));
  write_short_reports(options, runs);
  if (!options.out) return kExitAsExpected;
  prepare_directory(*options.out, "--out");
  const std::vector<MatrixRun> matrix = matrix_runs(std::move(runs));
  write_matrix(matrix, *options.out);
  for (const MatrixRun& run : matrix) fmt::print("{}: {}\n", visible(run.label), statement_of(tally_of(run.data)));
  fmt::print("written: {}\n", (*options.out / "index.html").string());
  return kExitAsExpected;
}

}  // namespace recvinto::runner
