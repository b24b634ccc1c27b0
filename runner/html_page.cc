#include "runner/html_page.h"

#include <array>
#include <stdexcept>
#include <utility>

#include "runner/escaping.h"

namespace recvinto::runner {

// Compiled in from report_page/; see CMakeLists.txt.
std::string_view page_html();
std::string_view page_css();
std::string_view page_js();
std::string_view run_js();
std::string_view matrix_js();

namespace {

/// The page with each {{MARK}} replaced.
std::string filled_in(const Page& page, std::string_view script) {
  const std::string title = escaped_for_html(page.title);
  const std::array<std::pair<std::string_view, std::string_view>, 6> values{{{"title", title},
                                                                             {"style", page_css()},
                                                                             {"common script", page_js()},
                                                                             {"script", script},
                                                                             {"data", page.data},
                                                                             {"unscripted", page.unscripted}}};
  std::string text;
  std::string_view rest = page_html();
  for (std::size_t begin = rest.find("{{"); begin != std::string_view::npos; begin = rest.find("{{")) {
    const std::size_t end = rest.find("}}", begin);
    const std::string_view mark = rest.substr(begin + 2, end - begin - 2);
    text += rest.substr(0, begin);
    bool is_known = false;
    for (const auto& [name, value] : values) {
      if (name != mark) continue;
      text += value;
      is_known = true;
    }
    if (!is_known) throw std::logic_error("page.html: unknown mark " + std::string(mark));
    rest.remove_prefix(end + 2);
  }
  return text += rest;
}

}  // namespace

std::string run_page(const Page& page) {
  return filled_in(page, run_js());
}

std::string matrix_page(const Page& page) {
  return filled_in(page, matrix_js());
}

}  // namespace recvinto::runner
