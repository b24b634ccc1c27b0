#include "property/framework/simpler.h"

#include <rapidcheck.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include "kit/oracle/receive_queue.h"
#include "property/framework/options_of_times.h"

namespace recvinto::property {
namespace {

using kit::Buffer;
using kit::Bytes;
using kit::Call;
using kit::Scenario;
using kit::Step;
namespace step = kit::step;

/// Every way to leave a run of elements out: all, halves, ..., single ones.
template <typename Element, typename Use>
void each_shorter(const std::vector<Element>& list, Use use) {
  for (std::size_t length = list.size(); length != 0; length /= 2) {
    for (std::size_t begin = 0; begin < list.size(); begin += length) {
      std::vector<Element> shorter(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(begin));
      shorter.insert(shorter.end(), list.begin() + static_cast<std::ptrdiff_t>(std::min(begin + length, list.size())),
                     list.end());
      use(std::move(shorter));
    }
  }
}

/// Smaller numbers: none, half, three quarters, ..., one less, so that what must stay of a large one is found soon.
template <typename Number, typename Use>
void each_smaller(Number number, Use use) {
  for (Number less = number; less > 0; less /= 2) use(static_cast<Number>(number - less));
}

template <typename Use>
void each_simpler_data(const Bytes& data, Use use) {
  each_smaller(data.size(), [&](std::size_t length) { use(data.substr(0, length)); });
  Bytes letters = data;
  for (std::size_t i = 0; i < letters.size(); ++i) letters[i] = static_cast<char>('a' + i % 26);
  if (letters != data) use(letters);
}

template <typename Use>
void each_simpler_flags(std::int64_t flags, Use use) {
  for (std::int64_t bit = 1; bit != 0 && bit <= flags; bit <<= 1) {
    if ((flags & bit) != 0) use(flags & ~bit);
  }
}

void each_simpler_buffer(const Buffer& buffer, const auto& use) {
  if (buffer.storage) return;
  const std::size_t length = buffer.to.value_or(buffer.size) - buffer.from;
  if (buffer.to || buffer.from != 0) use(kit::room(length));
  if (buffer.fill != "\xee") {
    Buffer plain = buffer;
    plain.fill = Buffer().fill;
    use(plain);
  }
  if (kit::has_border(buffer.memory)) {
    use(kit::room(length));
    each_smaller(buffer.size - 1, [&](std::size_t less) {
      Buffer smaller = buffer;
      smaller.size = less + 1;
      smaller.border = std::min(buffer.border, smaller.size);
      use(smaller);
    });
  } else if (!buffer.to && buffer.from == 0) {
    each_smaller(length, [&](std::size_t size) { use(kit::room(size, buffer.fill)); });
  }
}

/// Entries behind one that goes away may name it, or a later one: without overlaps then.
std::vector<Buffer> apart(std::vector<Buffer> buffers) {
  std::erase_if(buffers, [](const Buffer& buffer) { return buffer.storage.has_value(); });
  return buffers;
}

/// Every way to make one buffer of a run of them: of all, halves, ..., two.
template <typename Use>
void each_merged(const std::vector<Buffer>& buffers, Use use) {
  for (std::size_t length = buffers.size(); length > 1; length = (length + 1) / 2) {
    for (std::size_t begin = 0; begin + 1 < buffers.size(); begin += length) {
      const auto first = buffers.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto last = first + std::min(static_cast<std::ptrdiff_t>(length), buffers.end() - first);
      std::vector<Buffer> merged(buffers.begin(), first);
      merged.push_back(kit::room(kit::capacity({first, last})));
      merged.insert(merged.end(), last, buffers.end());
      use(std::move(merged));
    }
    if (length == 2) break;
  }
}

/// Whether each part lies inside its storage: a shorter storage may be too short for the parts of other entries.
bool has_whole_parts(const std::vector<Buffer>& buffers) {
  try {
    for (std::size_t i = 0; i < buffers.size(); ++i) static_cast<void>(kit::resolved(buffers, i));
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

void each_simpler_call(const Call& call, const auto& use) {
  const auto with = [&](auto change) {
    Call simpler = call;
    change(simpler);
    if (has_whole_parts(simpler.buffers)) use(std::move(simpler));
  };
  const std::vector<Buffer> separate = apart(call.buffers);
  if (separate.size() != call.buffers.size()) with([&](Call& simpler) { simpler.buffers = separate; });
  each_shorter(separate, [&](std::vector<Buffer> buffers) {
    with([&](Call& simpler) { simpler.buffers = std::move(buffers); });
  });
  each_merged(separate,
              [&](std::vector<Buffer> buffers) { with([&](Call& simpler) { simpler.buffers = std::move(buffers); }); });
  if (call.flags) {
    with([](Call& simpler) { simpler.flags.reset(); });
    each_simpler_flags(*call.flags, [&](std::int64_t flags) { with([&](Call& simpler) { simpler.flags = flags; }); });
  }
  if (call.ancbufsize) {
    with([](Call& simpler) { simpler.ancbufsize.reset(); });
    each_smaller(*call.ancbufsize, [&](std::int64_t room) { with([&](Call& simpler) { simpler.ancbufsize = room; }); });
  }
  if (call.timeout) with([](Call& simpler) { simpler.timeout.reset(); });
  for (std::size_t i = 0; i < call.buffers.size() && call.buffers.size() < 40; ++i) {
    each_simpler_buffer(call.buffers[i],
                        [&](const Buffer& buffer) { with([&](Call& simpler) { simpler.buffers[i] = buffer; }); });
  }
}

void each_simpler_result(const kit::answer::Result& result, const auto& use) {
  const auto with = [&](auto change) {
    kit::answer::Result simpler = result;
    change(simpler);
    use(std::move(simpler));
  };
  each_shorter(result.control, [&](std::vector<kit::ScriptedMessage> control) {
    with([&](auto& simpler) { simpler.control = std::move(control); });
  });
  for (std::size_t i = 0; i < result.control.size(); ++i) {
    each_simpler_data(result.control[i].data,
                      [&](Bytes data) { with([&](auto& simpler) { simpler.control[i].data = std::move(data); }); });
    each_smaller(result.control[i].files,
                 [&](std::size_t files) { with([&](auto& simpler) { simpler.control[i].files = files; }); });
  }
  each_simpler_data(result.data, [&](Bytes data) { with([&](auto& simpler) { simpler.data = std::move(data); }); });
  each_simpler_data(result.raw_control,
                    [&](Bytes data) { with([&](auto& simpler) { simpler.raw_control = std::move(data); }); });
  if (result.msg_flags != 0) with([](auto& simpler) { simpler.msg_flags = 0; });
}

/// Ways to make one step simpler.
struct SimplerStep {
  const std::function<void(Step)>& use;

  void operator()(const step::Send& send) const {
    const auto with = [&](auto change) {
      step::Send simpler = send;
      change(simpler);
      use(std::move(simpler));
    };
    each_simpler_data(send.data,
                      [&](Bytes data) { with([&](step::Send& simpler) { simpler.data = std::move(data); }); });
    each_smaller(send.files, [&](std::size_t files) { with([&](step::Send& simpler) { simpler.files = files; }); });
    each_shorter(send.control, [&](std::vector<kit::SentControl> control) {
      with([&](step::Send& simpler) { simpler.control = std::move(control); });
    });
    if (send.flags != 0) with([](step::Send& simpler) { simpler.flags = 0; });
    if (send.sender != 0) with([](step::Send& simpler) { simpler.sender = 0; });
  }
  void operator()(const step::Start& start) const {
    each_simpler_call(start.call, [this](Call call) { use(step::Start{std::move(call)}); });
  }
  void operator()(const step::Play& play) const {
    if (play.script.steps.size() > 1) {
      each_shorter(play.script.steps, [&](std::vector<kit::ScriptStep> steps) {
        step::Play simpler = play;
        simpler.script.steps = std::move(steps);
        if (!simpler.script.steps.empty()) use(std::move(simpler));
      });
    }
    for (std::size_t i = 0; i < play.script.steps.size(); ++i) {
      const auto* result = std::get_if<kit::answer::Result>(&play.script.steps[i].answer);
      if (result == nullptr) continue;
      each_simpler_result(*result, [&](kit::answer::Result simpler_result) {
        step::Play simpler = play;
        simpler.script.steps[i].answer = std::move(simpler_result);
        use(std::move(simpler));
      });
    }
  }
  template <typename Other>
  void operator()(const Other&) const {}
};

/// Steps that belong together: a call with the script that it is answered by.
std::vector<std::vector<Step>> pieces_of(const Scenario& scenario) {
  std::vector<std::vector<Step>> pieces;
  bool goes_on = false;
  for (const Step& step : scenario.steps) {
    if (!goes_on) pieces.emplace_back();
    pieces.back().push_back(step);
    if (std::holds_alternative<step::Play>(step) || std::holds_alternative<step::Start>(step)) goes_on = true;
    if (std::holds_alternative<step::Finish>(step)) goes_on = false;
  }
  return pieces;
}

/// Of more pieces no pairs are left out: there are too many.
constexpr std::size_t kMostPaired = 16;

/// The scenarios with fewer steps, those without two pieces, and then, of one step after the other, those in which it
/// is simpler: who looks at the first ones only does not pay for all.
class SimplerScenarios {
 public:
  explicit SimplerScenarios(Scenario scenario) : scenario_(std::move(scenario)), pieces_(pieces_of(scenario_)) {
    each_shorter(pieces_, [&](const std::vector<std::vector<Step>>& pieces) {
      Scenario shorter{scenario_.kind, {}};
      for (const std::vector<Step>& piece : pieces) {
        shorter.steps.insert(shorter.steps.end(), piece.begin(), piece.end());
      }
      shorter_.push_back(std::move(shorter));
    });
  }

  rc::Maybe<Scenario> operator()() {
    if (next_ < shorter_.size()) return std::move(shorter_[next_++]);
    if (auto pair = without_a_pair()) return *std::move(pair);
    while (next_step_ == steps_.size()) {
      if (step_ == scenario_.steps.size()) return rc::Nothing;
      steps_.clear();
      next_step_ = 0;
      const std::function<void(Step)> use = [this](Step step) { steps_.push_back(std::move(step)); };
      std::visit(SimplerStep{use}, scenario_.steps[step_++]);
    }
    Scenario candidate = scenario_;
    candidate.steps[step_ - 1] = std::move(steps_[next_step_++]);
    return candidate;
  }

 private:
  /// A message and the call that receives it go together, wherever they stand.
  std::optional<Scenario> without_a_pair() {
    if (pieces_.size() > kMostPaired) return std::nullopt;
    if (++second_ >= pieces_.size()) second_ = ++first_ + 1;
    if (second_ >= pieces_.size()) return std::nullopt;
    Scenario shorter{scenario_.kind, {}};
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      if (i == first_ || i == second_) continue;
      shorter.steps.insert(shorter.steps.end(), pieces_[i].begin(), pieces_[i].end());
    }
    return shorter;
  }

  Scenario scenario_;
  std::vector<std::vector<Step>> pieces_;
  std::vector<Scenario> shorter_;
  std::size_t next_ = 0;
  std::size_t first_ = 0;  // of the pair that was left out last
  std::size_t second_ = 0;
  std::size_t step_ = 0;  // whose simpler forms follow those in steps_
  std::vector<Step> steps_;
  std::size_t next_step_ = 0;
};

/// Whether an implementation that goes on after EINTR and EAGAIN gets an answer of the script, whatever the kernel
/// itself has.
bool has_an_answer(const kit::Script& script) {
  const auto goes_on = [](const kit::ScriptStep& step) {
    const auto* failure = std::get_if<kit::answer::Failure>(&step.answer);
    return failure != nullptr && (failure->number == EINTR || failure->number == EAGAIN);
  };
  if (std::ranges::any_of(script.steps, [](const kit::ScriptStep& step) { return step.signum != 0; })) return false;
  const auto last = std::ranges::find_if_not(script.steps, goes_on);
  return last != script.steps.end() && (std::holds_alternative<kit::answer::Result>(last->answer) ||
                                        std::holds_alternative<kit::answer::Failure>(last->answer));
}

/// Room for ancillary data that takes no time to make.
constexpr std::int64_t kMostRoom = 16 * 1024 * 1024;

/// Whether the kernel's part is written down whole: nothing happens but calls, each with a script that answers it.
bool is_answered_by_script(const Scenario& scenario) {
  if (scenario.steps.empty() || scenario.steps.size() % 3 != 0) return false;
  for (std::size_t i = 0; i < scenario.steps.size(); i += 3) {
    const auto* play = std::get_if<step::Play>(&scenario.steps[i]);
    const auto* start = std::get_if<step::Start>(&scenario.steps[i + 1]);
    if (play == nullptr || start == nullptr || !std::holds_alternative<step::Finish>(scenario.steps[i + 2]))
      return false;
    if (!has_an_answer(play->script) || start->call.ancbufsize.value_or(0) > kMostRoom) return false;
  }
  return true;
}

/// What a call may wait: far from what is taken for a hang.
constexpr std::chrono::milliseconds kShortWait{100};

bool has_waited(const Call& call, const kit::Expected& expected) {
  return expected.failure && expected.failure->kind == kit::Failure::Kind::kTimeout && call.timeout &&
         *call.timeout > kShortWait;
}

}  // namespace

rc::Seq<Scenario> simpler(const Scenario& scenario) {
  return rc::makeSeq<SimplerScenarios>(scenario);
}

bool makes_sense(const Scenario& scenario, const Law& law, const World& world) {
  const Call* call = nullptr;
  const bool is_answered = is_answered_by_script(scenario);
  bool is_served = false;  // of a concurrent call: what is sent from then on is for the one beside it
  try {
    if (!law.accepts(scenario)) return false;
    kit::ReceiveQueue queue(scenario.kind, world.model);
    for (const Step& step : scenario.steps) {
      if (const auto* start = std::get_if<step::Start>(&step)) {
        call = &start->call;
        is_served = false;
        if (!world.can_all(kit::needed_for(*call))) return false;
        if (!is_answered && !call->concurrent && queue.would_wait(*call)) return false;
      }
      if (is_answered || is_option_of_times(step)) continue;
      const bool is_sent_beside = call != nullptr && call->concurrent && std::holds_alternative<step::Send>(step);
      if (is_sent_beside && std::exchange(is_served, true)) continue;
      const std::optional<kit::Expected> expected = queue.apply(step);
      if (expected && call != nullptr && has_waited(*call, *expected)) return false;
    }
  } catch (const kit::Unpredictable&) {
    return false;
  }
  return call != nullptr;
}

rc::Gen<Scenario> scenarios(const Law& law, const World& world) {
  return rc::Gen<Scenario>([&law, &world](const rc::Random& random, int /*size*/) {
    Source source(rc::Random(random).next());
    return rc::shrinkable::shrinkRecur(law.generate(source, world), [&law, &world](const Scenario& scenario) {
      return rc::seq::filter(simpler(scenario),
                             [&law, &world](const Scenario& candidate) { return makes_sense(candidate, law, world); });
    });
  });
}

}  // namespace recvinto::property
