#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

// Several runs side by side: areas, requirements and checks by implementations.

namespace recvinto::runner {

/// One run of a matrix.
struct MatrixRun {
  std::string label;    ///< of all runs, only this one has it
  std::string report;   ///< where its own report is, relative to index.html
  nlohmann::json data;  ///< page_data()
};

/// With labels and names of reports: "CPython 3.11.7", "runs/1-cpython-3.11.7.html".
std::vector<MatrixRun> matrix_runs(std::vector<nlohmann::json> runs);

/// matrix.json, which docs/results.md describes.
nlohmann::json matrix_json(const std::vector<MatrixRun>& runs);

/// index.html.
std::string matrix_html(const std::vector<MatrixRun>& runs);

}  // namespace recvinto::runner
