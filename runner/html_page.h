#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

// Pages that people read in a browser: one file each, which needs nothing beside it and no network. The page itself is
// written in HTML, CSS and JavaScript (runner/report_page/), compiled in, and renders the data that is put into it.

namespace recvinto::runner {

/// Which page it is, and what is put into it.
struct Page {
  std::string title;       ///< plain text
  std::string data;        ///< JSON for a <script> element: json_for_html()
  std::string unscripted;  ///< HTML for readers without scripts
};

/// The page of one run, and that of several. Each is whole.
std::string run_page(const Page& page);
std::string matrix_page(const Page& page);

}  // namespace recvinto::runner
