#include "kit/subjects/plugin.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kit/host/reported.h"
#include "kit/subjects/choices.h"
#include "kit/values/verdict.h"
#include "recvinto/plugin.h"
#include "recvinto/socket_address.h"

namespace recvinto::kit {
namespace {

/// Of the first version: what every plug-in has.
constexpr std::size_t kLeastPluginSize = sizeof(recvinto_plugin);
constexpr std::size_t kLeastHelloSize = offsetof(recvinto_hello, sockets);

/// An implementation may choose the size of its control buffer; few take more.
constexpr std::size_t kLeastDataRoom = std::size_t{64} * 1024;
/// No more is ever scripted, however large an ancbufsize is.
constexpr std::size_t kMostDataRoom = std::size_t{16} * 1024 * 1024;
/// The smallest item is a header without data; that of 32-bit systems is the smallest header.
constexpr std::size_t kSmallestItem = 12;

/// What the call in progress has for recvinto_call::handler_has_raised, which has no argument.
thread_local const SignalHandlers* handlers_of_the_call = nullptr;

int handler_has_raised() {
  try {
    handlers_of_the_call->raise_if_asked();
  } catch (const SignalHandlers::HandlerError&) {
    return 1;
  }
  return 0;
}

[[noreturn]] void broken(const std::string& what) {
  throw ImplementationFailure(Verdict::kProtocol, "the plug-in " + what);
}

template <std::size_t kRoom>
std::string text_in(const char (&room)[kRoom], std::string_view what) {
  const auto* end = std::find(std::begin(room), std::end(room), '\0');
  if (end == std::end(room)) broken(fmt::format("ends {} by no zero byte", what));
  return {std::begin(room), end};
}

/// A list that is ended by NULL.
std::vector<std::string> words_in(const char* const* list) {
  std::vector<std::string> words;
  for (; list != nullptr && *list != nullptr; ++list) words.emplace_back(*list);
  return words;
}

std::optional<Address> address_in(const recvinto_address& told) {
  if (told.form == RECVINTO_NO_ADDRESS) return std::nullopt;
  if (told.form != RECVINTO_SOCKADDR && told.form != RECVINTO_DECODED)
    broken(fmt::format("tells an address in the form {}, which there is not", told.form));
  if (told.bytes_size > sizeof told.bytes)
    broken(fmt::format("tells an address of {} bytes; there is room for {}", told.bytes_size, sizeof told.bytes));
  if (told.form == RECVINTO_SOCKADDR) {
    SocketAddress address;
    std::memcpy(address.room().data(), told.bytes, told.bytes_size);
    address.set_length(static_cast<socklen_t>(told.bytes_size));
    return reported(address.decode());
  }
  const Bytes bytes(std::begin(told.bytes), std::begin(told.bytes) + told.bytes_size);
  const bool is_unix = told.family == AF_UNIX;
  const bool is_of_the_internet = told.family == AF_INET || told.family == AF_INET6;
  return Address{.family = told.family,
                 .path = is_unix ? bytes : Bytes(),
                 .host = is_of_the_internet ? text_in(told.host, "the host") : std::string(),
                 .port = told.port,
                 .flowinfo = told.flowinfo,
                 .scope_id = told.scope_id,
                 .raw = is_unix || is_of_the_internet ? Bytes() : bytes};
}

std::vector<AncillaryItem> items_in(const recvinto_answer& answer) {
  if (answer.item_count > answer.items_room)
    broken(fmt::format("tells of {} items; there is room for {}", answer.item_count, answer.items_room));
  std::vector<AncillaryItem> items;
  for (const recvinto_item& item : std::span(answer.items, answer.item_count)) {
    if (item.data_begin > answer.data_room || item.data_size > answer.data_room - item.data_begin) {
      broken(fmt::format("tells of an item of {} bytes from byte {} on; there is room for {}", item.data_size,
                         item.data_begin, answer.data_room));
    }
    const unsigned char* data = answer.data + item.data_begin;
    items.push_back({item.level, item.type, Bytes(data, data + item.data_size)});
  }
  return items;
}

const std::int64_t* pointer_to(const std::optional<std::int64_t>& value) {
  return value ? &*value : nullptr;
}

class PluginReceiver final : public Receiver {
 public:
  PluginReceiver(const recvinto_plugin& plugin, Handshake handshake)
      : plugin_(plugin), handshake_(std::move(handshake)) {}

  [[nodiscard]] Handshake handshake() const override { return handshake_; }

  Observation receive(const ReceiveRequest& request, SignalHandlers& signals) override {
    const auto milliseconds = request.timeout ? std::optional<std::int64_t>(request.timeout->count()) : std::nullopt;
    const recvinto_call call{.size = sizeof call,
                             .fd = request.fd,
                             .buffers = request.buffers.data(),
                             .buffer_count = request.buffers.size(),
                             .ancbufsize = pointer_to(request.ancbufsize),
                             .flags = pointer_to(request.flags),
                             .timeout_ms = pointer_to(milliseconds),
                             .warnings_are_errors = request.warnings_are_errors ? 1 : 0,
                             .handler_has_raised = handler_has_raised};
    const auto control = static_cast<std::size_t>(std::max<std::int64_t>(request.ancbufsize.value_or(0), 0));
    // Kept for the next call; concurrent calls have threads of their own.
    thread_local std::vector<unsigned char> data;
    thread_local std::vector<recvinto_item> items;
    data.resize(std::max(data.size(), std::clamp(control, kLeastDataRoom, kMostDataRoom)));
    items.resize(data.size() / kSmallestItem + 1);
    recvinto_answer answer{};
    answer.size = sizeof answer;
    answer.items = items.data();
    answer.items_room = items.size();
    answer.data = data.data();
    answer.data_room = data.size();

    handlers_of_the_call = &signals;
    const int outcome = plugin_.call(&call, &answer);
    // Both are its to read only.
    answer.items = items.data();
    answer.items_room = items.size();
    answer.data = data.data();
    answer.data_room = data.size();
    return observed(outcome, answer);
  }

  void reset() override {
    if (plugin_.reset != nullptr) plugin_.reset();
  }

 private:
  [[nodiscard]] Observation observed(int outcome, const recvinto_answer& answer) const {
    Observation observation;
    if (answer.warning_count > RECVINTO_MOST_WARNINGS)
      broken(fmt::format("gives {} warnings; there is room for {}", answer.warning_count, +RECVINTO_MOST_WARNINGS));
    for (std::size_t i = 0; i < answer.warning_count; ++i) {
      observation.warnings.push_back(text_in(answer.warnings[i], "a warning"));
    }
    switch (outcome) {
      case RECVINTO_RECEIVED:
        observation.nbytes = answer.nbytes;
        if (can(Capability::kMsgFlags)) observation.msg_flags = answer.msg_flags;
        if (can(Capability::kAncillary)) observation.ancdata = items_in(answer);
        if (can(Capability::kAddress)) observation.address = address_in(answer.address);
        return observation;
      case RECVINTO_FAILED:
        observation.error =
            Error{.type = text_in(answer.error_class, "the class of an error"),
                  .number = answer.error_number != 0 ? std::optional(answer.error_number) : std::nullopt,
                  .message = text_in(answer.message, "a message")};
        return observation;
      case RECVINTO_UNSUPPORTED:
        throw Unsupported(text_in(answer.message, "a message"));
      default:
        broken(fmt::format("returns {}, which there is not", outcome));
    }
  }
  [[nodiscard]] bool can(Capability capability) const { return handshake_.capabilities.contains(capability); }

  const recvinto_plugin& plugin_;
  Handshake handshake_;
};

/// Loading and greeting; errors begin with the plug-in's name.
class Loading {
 public:
  explicit Loading(const std::filesystem::path& file) : file_(std::filesystem::absolute(file)) {}

  [[nodiscard]] const recvinto_plugin& plugin() const {
    if (!std::filesystem::exists(file_)) complain("there is no such file");
    void* library = dlopen(file_.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) complain(dlerror());
    void* symbol = dlsym(library, RECVINTO_PLUGIN_SYMBOL);
    if (symbol == nullptr)
      complain("it has no function " RECVINTO_PLUGIN_SYMBOL "; adapters/PLUGIN.md says what it has to have");
    const recvinto_plugin* plugin = reinterpret_cast<decltype(&recvinto_plugin_v1)>(symbol)();
    if (plugin == nullptr) complain(RECVINTO_PLUGIN_SYMBOL " returns NULL");
    if (plugin->size < kLeastPluginSize)
      complain(fmt::format("its recvinto_plugin has size {}; the least is {}", plugin->size, kLeastPluginSize));
    if (plugin->version != RECVINTO_PLUGIN_VERSION)
      complain(fmt::format("it is of version {} of the ABI; this is {}", plugin->version, +RECVINTO_PLUGIN_VERSION));
    if (plugin->hello == nullptr || plugin->call == nullptr) complain("it has no hello, or no call");
    return *plugin;
  }

  [[nodiscard]] Handshake greet(const recvinto_plugin& plugin) const {
    const recvinto_hello* hello = plugin.hello();
    if (hello == nullptr) complain("hello returns NULL");
    if (hello->size < kLeastHelloSize)
      complain(fmt::format("its recvinto_hello has size {}; the least is {}", hello->size, kLeastHelloSize));
    if (hello->name == nullptr || hello->version == nullptr || hello->language == nullptr)
      complain("hello has no name, no version or no language");
    Handshake handshake{
        .name = hello->name, .version = hello->version, .language = hello->language, .capabilities = {}};
    for (const std::string& word : words_in(hello->capabilities)) declare(handshake, word);
    for (const std::string& choice : words_in(hello->choices)) make(handshake, choice);
    if (has_lists(*hello)) {
      if (hello->sockets != nullptr) handshake.sockets = known_in(hello->sockets, "kind of socket", kind_named);
      if (hello->items != nullptr) handshake.items = known_in(hello->items, "kind of item", item_kind_named);
    }
    handshake.capabilities.insert(Capability::kPipelining);  // of the program that serves it
    return handshake;
  }

 private:
  void declare(Handshake& handshake, const std::string& word) const {
    const std::optional<Capability> capability = capability_named(word);
    if (!capability) complain(fmt::format("it declares the unknown capability '{}'", word));
    if (capability == Capability::kCmsgSizes || capability == Capability::kPythonForms)
      complain(fmt::format("it declares {}, which cannot be asked of a plug-in", word));
    handshake.capabilities.insert(*capability);
  }

  void make(Handshake& handshake, const std::string& choice) const {
    const std::size_t equals = choice.find('=');
    try {
      const std::string value = equals == std::string::npos ? std::string() : choice.substr(equals + 1);
      if (!choose(handshake, choice.substr(0, equals), value))
        complain(fmt::format("it makes the unknown choice '{}'", choice));
    } catch (const std::invalid_argument& error) {
      complain(fmt::format("it makes the unknown choice '{}': {}", choice, error.what()));
    }
  }

  /// Older plug-ins end before them.
  static bool has_lists(const recvinto_hello& hello) {
    return hello.size >= offsetof(recvinto_hello, items) + sizeof hello.items;
  }

  template <typename Kind>
  std::vector<Kind> known_in(const char* const* list, std::string_view what,
                             std::optional<Kind> (*known)(std::string_view)) const {
    std::vector<Kind> meant;
    for (const std::string& word : words_in(list)) {
      const std::optional<Kind> one = known(word);
      if (!one) complain(fmt::format("it declares the unknown {} '{}'", what, word));
      meant.push_back(*one);
    }
    return meant;
  }

  [[noreturn]] void complain(std::string_view what) const {
    throw CannotStart(fmt::format("plugin:{}: {}", file_.string(), what));
  }

  std::filesystem::path file_;
};

}  // namespace

std::unique_ptr<Receiver> load_plugin(const std::filesystem::path& file) {
  const Loading loading(file);
  const recvinto_plugin& plugin = loading.plugin();
  return std::make_unique<PluginReceiver>(plugin, loading.greet(plugin));
}

}  // namespace recvinto::kit
