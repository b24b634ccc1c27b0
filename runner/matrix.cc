#include "runner/matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>
#include <utility>

#include "runner/areas.h"
#include "runner/escaping.h"
#include "runner/html_page.h"
#include "runner/page_data.h"
#include "runner/page_groups.h"
#include "runner/result_json.h"
#include "runner/run_comparison.h"

namespace recvinto::runner {
namespace {

using nlohmann::json;

/// For a file name: lower-case letters, digits, dots and dashes.
std::string plain(const std::string& label) {
  constexpr std::size_t kLongest = 40;
  std::string name;
  for (const char letter : label) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool is_plain = byte < 0x80 && (std::isalnum(byte) != 0 || (letter == '.' && !name.empty()));
    if (is_plain) {
      name += static_cast<char>(std::tolower(byte));
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  name = name.substr(0, kLongest);
  while (!name.empty() && (name.back() == '-' || name.back() == '.')) name.pop_back();
  return name.empty() ? "run" : name;
}

/// The verdicts of one check in each run; empty: it is not in there.
struct Row {
  const json* check = nullptr;  // of the first run that has it
  std::vector<const json*> cells;
};

std::vector<Row> rows_of(const std::vector<MatrixRun>& runs) {
  std::vector<Row> rows;
  std::map<std::string, std::size_t> place;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    for (const json& check : runs[run].data.at("checks")) {
      const auto [row, is_new] = place.try_emplace(check.at("id").get<std::string>(), rows.size());
      if (is_new) rows.push_back({&check, std::vector<const json*>(runs.size())});
      rows[row->second].cells[run] = &check;
    }
  }
  return rows;
}

std::string area_of_check(const json& check) {
  const std::string id = check.at("id");
  return std::string(area_of(std::string_view(id).substr(0, id.find('.'))));
}

/// How many checks have each verdict, by the words of results.json.
json counts_of(const std::vector<const Row*>& rows, std::size_t run) {
  std::map<std::string, std::size_t> counts;
  for (const Row* row : rows) {
    if (row->cells[run] != nullptr) ++counts[word_of(row->cells[run]->at("verdict").get<std::string>())];
  }
  return counts;
}

json counts_of_all(const std::vector<const Row*>& rows, std::size_t runs) {
  json counts = json::array();
  for (std::size_t run = 0; run < runs; ++run) counts.push_back(counts_of(rows, run));
  return counts;
}

json implementations_of(const std::vector<MatrixRun>& runs) {
  json implementations = json::array();
  for (const MatrixRun& run : runs) {
    json implementation = run.data.at("implementation");
    implementation["label"] = run.label;
    implementation["report"] = run.report;
    for (const char* field : {"suite", "environment", "complete", "summary"})
      implementation[field] = run.data.at(field);
    implementations.push_back(std::move(implementation));
  }
  return implementations;
}

json ids_of(const std::vector<Change>& changes) {
  json ids = json::array();
  for (const Change& change : changes) {
    ids.push_back({{"id", change.id}, {"before", change.before}, {"after", change.after}});
  }
  return ids;
}

/// The letter that stands for a verdict in the data of the page.
char letter_of(const json* check) {
  static const std::map<std::string, char> kLetters{{"PASS", 'P'},   {"FAIL", 'F'},  {"SKIP", 'S'},
                                                    {"CRASH", 'C'},  {"HANG", 'H'},  {"PROTOCOL", 'R'},
                                                    {"NOTRUN", 'N'}, {"XFAIL", 'x'}, {"XPASS", 'X'}};
  return check == nullptr ? '-' : kLetters.at(check->at("verdict").get<std::string>());
}

json page_of(const std::vector<MatrixRun>& runs) {
  constexpr std::size_t kLongest = 160;
  const std::vector<Row> rows = rows_of(runs);
  json data{{"areas", every_area()},
            {"topics", page_topics()},
            {"requirements", page_requirements()},
            {"implementations", implementations_of(runs)},
            {"checks", json::array()},
            {"verdicts", json::array()},
            {"notes", json::array()},
            {"summaries", json::array()}};
  for (const Row& row : rows) {
    data["checks"].push_back({row.check->at("id"), row.check->at("level"), row.check->at("requirements")});
  }
  std::map<std::string, std::size_t> summaries;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    std::string verdicts;
    json notes = json::object();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const json* check = rows[i].cells[run];
      verdicts += letter_of(check);
      if (check == nullptr || verdicts.back() == 'P') continue;
      const std::string summary = shortened(check->value("summary", ""), kLongest);
      const auto [place, is_new] = summaries.try_emplace(summary, summaries.size());
      if (is_new) data["summaries"].push_back(summary);
      notes[std::to_string(i)] = place->second;
    }
    data["verdicts"].push_back(std::move(verdicts));
    data["notes"].push_back(std::move(notes));
  }
  return data;
}

std::string unscripted(const std::vector<MatrixRun>& runs) {
  std::string text = "<h1>Conformance of recvmsg_into</h1>\n<table>\n<tr><th>implementation</th><th></th></tr>\n";
  for (const MatrixRun& run : runs) {
    text += fmt::format("<tr><td><a href=\"{}\">{}</a></td><td>{}</td></tr>\n", escaped_for_html(run.report),
                        escaped_for_html(run.label), escaped_for_html(statement_of(tally_of(run.data))));
  }
  text += "</table>\n<table>\n<tr><th>area</th>";
  for (const MatrixRun& run : runs) text += fmt::format("<th>{}</th>", escaped_for_html(run.label));
  text += "</tr>\n";
  std::map<std::string, std::vector<const Row*>> areas;
  const std::vector<Row> rows = rows_of(runs);
  for (const Row& row : rows) areas[area_of_check(*row.check)].push_back(&row);
  for (const std::string_view area : every_area()) {
    const auto of_area = areas.find(std::string(area));
    if (of_area == areas.end()) continue;
    text += fmt::format("<tr><th>{}</th>", escaped_for_html(area));
    for (std::size_t run = 0; run < runs.size(); ++run) {
      std::vector<const json*> checks;
      for (const Row* row : of_area->second) {
        if (row->cells[run] != nullptr) checks.push_back(row->cells[run]);
      }
      const Tally tally = tally_of(checks);
      text +=
          tally.judged() == 0 ? "<td>not judged</td>" : fmt::format("<td>{} of {}</td>", tally.passed, tally.judged());
    }
    text += "</tr>\n";
  }
  return text +
         "</table>\n<p>Checks that pass, of those that were judged. With scripts, this page has every check.</p>\n";
}

}  // namespace

std::vector<MatrixRun> matrix_runs(std::vector<json> runs) {
  const std::vector<std::string> labels = labels_of(runs);
  std::vector<MatrixRun> matrix;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::string report = fmt::format("runs/{}-{}.html", i + 1, plain(implementation_name(runs[i])));
    matrix.push_back({.label = labels[i], .report = std::move(report), .data = std::move(runs[i])});
  }
  return matrix;
}

json matrix_json(const std::vector<MatrixRun>& runs) {
  const std::vector<Row> rows = rows_of(runs);
  std::map<std::string, std::vector<const Row*>> areas;
  std::map<std::string, std::vector<const Row*>> requirements;
  json checks = json::array();
  for (const Row& row : rows) {
    areas[area_of_check(*row.check)].push_back(&row);
    for (const json& slug : row.check->at("requirements")) requirements[slug].push_back(&row);
    json verdicts = json::array();
    for (const json* cell : row.cells) verdicts.push_back(cell == nullptr ? json() : cell->at("verdict"));
    checks.push_back({{"id", row.check->at("id")},
                      {"area", area_of_check(*row.check)},
                      {"level", row.check->at("level")},
                      {"requirements", row.check->at("requirements")},
                      {"verdicts", std::move(verdicts)}});
  }
  json by_area = json::array();
  for (const std::string_view area : every_area()) {
    if (const auto of_area = areas.find(std::string(area)); of_area != areas.end())
      by_area.push_back({{"area", area}, {"counts", counts_of_all(of_area->second, runs.size())}});
  }
  const json known = page_requirements();
  json by_requirement = json::array();
  for (const auto& [slug, of_requirement] : requirements) {
    json entry{{"slug", slug}, {"counts", counts_of_all(of_requirement, runs.size())}};
    if (known.contains(slug)) entry.update(known[slug]);
    by_requirement.push_back(std::move(entry));
  }
  json comparisons = json::array();
  for (std::size_t i = 1; i < runs.size(); ++i) {
    const bool is_same = is_same_implementation(runs[i - 1].data, runs[i].data);
    if (runs.size() != 2 && !is_same) continue;
    const RunComparison comparison = compare_runs(runs[i - 1].data, runs[i].data);
    comparisons.push_back({{"before", i - 1},
                           {"after", i},
                           {"same_implementation", is_same},
                           {"new_failures", ids_of(comparison.new_failures)},
                           {"gone", ids_of(comparison.gone)},
                           {"others", ids_of(comparison.others)}});
  }
  return {{"schema", 1},
          {"suite", RECVINTO_VERSION},
          {"implementations", implementations_of(runs)},
          {"areas", std::move(by_area)},
          {"requirements", std::move(by_requirement)},
          {"checks", std::move(checks)},
          {"comparisons", std::move(comparisons)}};
}

std::string matrix_html(const std::vector<MatrixRun>& runs) {
  return matrix_page({.title = "Conformance of recvmsg_into implementations",
                      .data = json_for_html(page_of(runs)),
                      .unscripted = unscripted(runs)});
}

}  // namespace recvinto::runner
