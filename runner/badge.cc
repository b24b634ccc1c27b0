#include "runner/badge.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "runner/escaping.h"

namespace recvinto::runner {
namespace {

constexpr std::string_view kLabel = "recvmsg_into";

/// Dark enough for white text.
std::string_view shade_of(std::string_view color) {
  if (color == "brightgreen") return "#2b7a4b";
  if (color == "yellow") return "#8a6100";
  if (color == "red") return "#b3261e";
  return "#5f6670";
}

/// About, in pixels: text is stretched to it.
std::size_t width_of(std::string_view text) {
  return text.size() * 13 / 2;
}

}  // namespace

Badge badge_of(const Tally& tally) {
  if (tally.judged() == 0) return {.message = "not judged", .color = "lightgrey"};
  return {.message = fmt::format("{} of {} pass", tally.passed, tally.judged()),
          .color = tally.bad == 0     ? "brightgreen"
                   : tally.is_binding ? "red"
                                      : "yellow"};
}

std::string badge_svg(const Badge& badge) {
  const std::string message = escaped_for_html(badge.message);
  const std::size_t label_text = width_of(kLabel);
  const std::size_t label = label_text + 12;
  const std::size_t message_text = width_of(badge.message);
  const std::size_t whole = label + message_text + 12;
  const auto text = [](std::size_t x, std::size_t width, std::string_view words) {
    return fmt::format("<text x=\"{}\" y=\"14\" textLength=\"{}\">{}</text>", x, width, words);
  };
  return fmt::format(
      R"svg(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="20" role="img" aria-label="{1}: {2}">)svg"
      R"svg(<title>{1}: {2}</title><clipPath id="r"><rect width="{0}" height="20" rx="3"/></clipPath>)svg"
      R"svg(<g clip-path="url(#r)"><rect width="{3}" height="20" fill="#3d434b"/>)svg"
      R"svg(<rect x="{3}" width="{4}" height="20" fill="{5}"/></g>)svg"
      R"svg(<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">{6}{7}</g></svg>)svg"
      "\n",
      whole, kLabel, message, label, whole - label, shade_of(badge.color), text(6, label_text, kLabel),
      text(label + 6, message_text, message));
}

nlohmann::json badge_json(const Badge& badge) {
  return {{"schemaVersion", 1}, {"label", kLabel}, {"message", badge.message}, {"color", badge.color}};
}

}  // namespace recvinto::runner
