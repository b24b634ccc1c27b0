#include "runner/missing_words.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "property/framework/subject.h"

namespace recvinto::runner {

std::vector<std::string> missing_words_of(const Result& result, const kit::Handshake& handshake) {
  if (result.outcome.verdict != kit::Verdict::kSkip || result.outcome.cause != kit::Cause::kNotDeclared) return {};
  if (result.outcome.reason == property::kAboutSeveralBuffers) return {};
  const std::string kind_name = result.id.substr(result.id.find('/') + 1);
  const auto kind = std::ranges::find(result.claim->kinds, kind_name, &kit::SocketKind::name);
  if (kind == result.claim->kinds.end()) return {};
  std::vector<std::string> missing = conformance::missing_for(*result.claim, *kind, handshake);
  if (!handshake.takes(*kind)) missing.push_back("sockets " + kind_name);
  return missing;
}

std::vector<MissingWord> missing_words(const Results& results) {
  std::map<std::string, MissingWord> words;
  for (const Result& result : results.checks) {
    const std::vector<std::string> missing = missing_words_of(result, results.handshake);
    for (const std::string& word : missing) {
      MissingWord& entry = words[word];
      entry.word = word;
      ++entry.checks;
      if (missing.size() == 1) ++entry.alone;
    }
  }
  std::vector<MissingWord> sorted;
  for (const auto& [word, entry] : words) sorted.push_back(entry);
  std::ranges::sort(sorted, [](const MissingWord& one, const MissingWord& other) {
    return std::tie(other.alone, other.checks, one.word) < std::tie(one.alone, one.checks, other.word);
  });
  return sorted;
}

}  // namespace recvinto::runner
