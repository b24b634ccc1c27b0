#include "runner/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "kit/host/files.h"

namespace recvinto::runner {
namespace {

struct Counts {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t skipped = 0;
  std::chrono::milliseconds time{0};
};

bool is_failure(const Result& result) {
  return result.is_bad() || result.passed_though_listed();
}

bool is_skipped(const Result& result) {
  return result.failed_as_listed() || (result.outcome.verdict == kit::Verdict::kSkip && !is_failure(result));
}

Counts counts_of(const std::vector<const Result*>& results) {
  Counts counts;
  for (const Result* result : results) {
    ++counts.tests;
    if (is_failure(*result)) ++counts.failures;
    if (is_skipped(*result)) ++counts.skipped;
    counts.time += result->time;
  }
  return counts;
}

std::string attributes_of(const Counts& counts) {
  return fmt::format(R"(tests="{}" failures="{}" disabled="0" errors="0" skipped="{}" time="{:.3f}")", counts.tests,
                     counts.failures, counts.skipped, static_cast<double>(counts.time.count()) / 1000.0);
}

/// In one line.
std::string headline_of(const Result& result) {
  std::string text(result.verdict());
  if (const std::string summary = summary_of(result.outcome); !summary.empty()) text += ": " + summary;
  if (result.known != nullptr)
    text += fmt::format(" (listed {} as {}: {}, {})", result.known->where(), result.known->verdict_words(),
                        name(result.known->kind), result.known->reason);
  return text;
}

/// Everything else.
std::string text_of(const Result& result) {
  std::string text;
  if (!result.outcome.reason.empty()) text += result.outcome.reason + '\n';
  text += kit::text_of(result.outcome.differences);
  text += fmt::format("reproduce: {}", result.repro);
  if (!result.replay.empty()) text += fmt::format("\nreplay: {}", result.replay);
  return text;
}

}  // namespace

std::string to_junit(const Result& result) {
  const std::size_t dot = result.id.find('.');
  const std::string begin = fmt::format(R"(    <testcase name="{}" classname="{}" file="{}" line="{}" time="{:.3f}")",
                                        escaped_for_xml(result.id.substr(dot + 1)),
                                        escaped_for_xml(result.id.substr(0, dot)), escaped_for_xml(result.claim->file),
                                        result.claim->line, static_cast<double>(result.time.count()) / 1000.0);
  const bool failure = is_failure(result);
  if (!failure && !is_skipped(result)) return begin + " />\n";
  const char* tag = failure ? "failure" : "skipped";
  return fmt::format("{}>\n      <{} message=\"{}\">{}</{}>\n    </testcase>\n", begin, tag,
                     escaped_for_xml(headline_of(result)), escaped_for_xml(text_of(result)), tag);
}

std::string escaped_for_xml(std::string_view text) {
  // By way of JSON, where what is no UTF-8 becomes U+FFFD: as in results.json.
  using nlohmann::json;
  const auto letters = json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
  std::string escaped;
  for (std::size_t at = 0; at < letters.size(); ++at) {
    const char letter = letters[at];
    const std::string_view three = std::string_view(letters).substr(at, 3);
    if (letter == '&') {
      escaped += "&amp;";
    } else if (letter == '<') {
      escaped += "&lt;";
    } else if (letter == '>') {
      escaped += "&gt;";
    } else if (letter == '"') {
      escaped += "&quot;";
    } else if (letter == '\n' || letter == '\t') {
      escaped += fmt::format("&#{};", static_cast<int>(letter));
    } else if (static_cast<unsigned char>(letter) < 0x20) {
      escaped += fmt::format("\\x{:02x}", static_cast<int>(letter));
    } else if (three == "\xEF\xBF\xBE" || three == "\xEF\xBF\xBF") {  // U+FFFE and U+FFFF are no letters of XML
      escaped += "\xEF\xBF\xBD";
      at += 2;
    } else {
      escaped += letter;
    }
  }
  return escaped;
}

std::string to_junit(const Results& results) {
  std::vector<const Result*> all;
  std::map<std::string, std::vector<const Result*>> topics;
  for (const Result& result : results.checks) {
    all.push_back(&result);
    topics[result.claim->topic].push_back(&result);
  }
  std::string text = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" {}>\n",
                                 escaped_for_xml(results.specification), attributes_of(counts_of(all)));
  for (const auto& [topic, members] : topics) {
    text += fmt::format("  <testsuite name=\"{}\" {}>\n", escaped_for_xml(topic), attributes_of(counts_of(members)));
    for (const Result* result : members) text += to_junit(*result);
    text += "  </testsuite>\n";
  }
  return text + "</testsuites>\n";
}

void write_junit(const Results& results, const std::filesystem::path& directory) {
  kit::write_whole(directory / "junit.xml", to_junit(results));
}

}  // namespace recvinto::runner
