#include "fuzz/support/findings.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

#include "fuzz/support/signature.h"
#include "kit/host/files.h"
#include "kit/performing/outcome_json.h"
#include "recvinto/unique_fd.h"

namespace recvinto::fuzz {
namespace {

using nlohmann::json;

/// Of one input: engines take what lasts too long for a hang.
constexpr int kMostExamined = 2;

/// Rarely, what looks like one that is known is examined all the same: it may simplify to another one.
bool is_worth_another_look(std::uint64_t times) {
  return times == 1 || (times >= 64 && std::has_single_bit(times));
}

/// FNV-1a, of 64 bits.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3U;
  return hash;
}

std::string dumped(const json& value) {
  return value.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

Findings::Findings(ScenarioJudge& judge, std::filesystem::path folder) : judge_(judge), folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
  for (const std::filesystem::directory_entry& entry : std::filesystem::directory_iterator(folder_)) {
    if (entry.path().extension() != ".json") continue;
    const json finding = json::parse(kit::text_of_file(entry.path()), nullptr, /*allow_exceptions=*/false);
    if (!finding.is_object() || !finding.contains("signature") || !finding.contains("symptoms")) continue;
    known_.emplace(finding.at("signature").get<std::string>(), finding.at("symptoms").get<Symptoms>());
  }
}

void Findings::add(const kit::ScenarioFile& file, const kit::Outcome& outcome) {
  kit::Outcome failure = outcome;
  const kit::ScenarioFile judged = judge_.by_the_model(file, failure);
  const Symptoms symptoms = symptoms_of(failure);
  int examined = 0;
  for (const std::string& symptom : symptoms) {
    if (&symptom != &symptoms.front() && follows_from(symptom, symptoms.front())) continue;
    const std::string as_it_is = signature_of(judge_.name_of_judge(judged), symptom, judged.scenario.kind);
    Met& met = met_[as_it_is];
    if (met.signature.empty() && known_.contains(as_it_is)) met.signature = as_it_is;
    ++met.times;
    if (met.signature.empty() || (is_worth_another_look(met.times) && !known_.contains(as_it_is))) {
      if (++examined > kMostExamined) return;
      met.signature = examine(judged, failure, symptom);
    }
    count(met.signature);
  }
}

std::string Findings::examine(kit::ScenarioFile file, kit::Outcome outcome, const std::string& symptom) {
  file = judge_.simplest(std::move(file), outcome, symptom);
  const Symptoms shown = symptoms_of(outcome);
  const auto signature = [&](const std::string& one) {
    return signature_of(judge_.name_of_judge(file), one, file.scenario.kind);
  };
  // What always comes with an earlier finding is that finding; what merely comes with it here is another one.
  const auto earlier = known_.find(signature(shown.front()));
  const bool is_the_earlier =
      shown.front() != symptom &&
      (follows_from(symptom, shown.front()) ||
       (earlier != known_.end() && std::ranges::find(earlier->second, symptom) != earlier->second.end()));
  const std::string& chosen = is_the_earlier ? shown.front() : symptom;
  const std::string name = signature(chosen);
  if (known_.contains(name)) return name;
  keep(name, chosen, file, outcome);
  known_.emplace(name, shown);
  return name;
}

void Findings::keep(const std::string& signature, const std::string& symptom, const kit::ScenarioFile& file,
                    const kit::Outcome& outcome) {
  if (std::filesystem::exists(place_of(signature, ".json"))) return;  // by another process, meanwhile
  json steps = json::array();
  for (const kit::Step& step : file.scenario.steps) {
    if (!std::holds_alternative<kit::step::Finish>(step)) steps.push_back(kit::describe(step));
  }
  const json finding{{"signature", signature},
                     {"judge", judge_.name_of_judge(file)},
                     {"symptom", symptom},
                     {"symptoms", symptoms_of(outcome)},
                     {"sockets", family_of(file.scenario.kind)},
                     {"severity", severity_of(symptom)},
                     {"kind", file.scenario.kind.name},
                     {"steps", std::move(steps)},
                     {"outcome", kit::to_json(outcome)},
                     {"is_the_judges", judge_.is_shown_by_the_reference(file, symptom)},
                     {"report", judge_.report(file, outcome)}};
  try {
    kit::write_whole(place_of(signature, ".scenario"), kit::text_of(file));
    kit::write_whole(place_of(signature, ".json"), dumped(finding));
  } catch (const std::system_error& error) {  // a full disk: it will be met again
    fmt::print(stderr, "the finding is not kept: {}\n", error.what());
  }
}

void Findings::count(const std::string& signature) const {
  const UniqueFd hits(open(place_of(signature, ".hits").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  static_cast<void>(!write(hits.get(), ".", 1));
}

std::filesystem::path Findings::place_of(const std::string& signature, const char* ending) const {
  return folder_ / fmt::format("{:016x}{}", hash_of(signature), ending);
}

}  // namespace recvinto::fuzz
