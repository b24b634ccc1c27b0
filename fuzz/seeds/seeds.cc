// Writes the seeds of the corpora: fuzz_seeds OUT makes OUT/<invariant>/<name>, for the targets of control messages one
// for each control vector of the conformance suite, in three layouts. What is of another layout than its reader's is
// hostile input for it.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "fixtures/vectors/control_vectors.h"
#include "fuzz/seeds/call_seeds.h"
#include "fuzz/seeds/text_seeds.h"

namespace {

namespace fs = std::filesystem;
using namespace recvinto::kit;

void write(const fs::path& folder, const std::string& name, std::string_view bytes) {
  fs::create_directories(folder);
  std::ofstream stream(folder / name, std::ios::binary);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!stream.flush()) throw std::runtime_error((folder / name).string() + " cannot be written");
}

std::string layout_name(const ControlLayout& layout) {
  return std::string(layout.abi.word == 8 ? "64" : "32") + (layout.byte_order == std::endian::big ? "be" : "le");
}

// fuzz/support/control_input.h: the number of choices, the choices, the control bytes.
std::string control_input(std::string_view choices, std::string_view control) {
  std::string input(1, static_cast<char>(choices.size()));
  return input.append(choices).append(control);
}

void write_vectors(const fs::path& out, std::string_view invariant, std::string_view choices,
                   const std::string& prefix = "") {
  const bool is_for_parser = invariant == "control_messages_stay_inside" && prefix.empty();
  for (const ControlVector& vector : every_control_vector()) {
    // Seen from elsewhere, the two big-endian layouts are much alike.
    if (vector.layout == ControlLayout{kAbi32, std::endian::big}) continue;
    if (!is_for_parser && vector.layout.byte_order == std::endian::big) continue;
    write(out / invariant, prefix + vector.name + "-" + layout_name(vector.layout),
          control_input(choices, vector.control));
  }
}

// A control message as it lies on the machine that this runs on, with its padding.
std::string control_item(int level, int type, std::string_view data) {
  std::string item(kNativeAbi.cmsg_space(data.size()), '\0');
  const std::size_t length = kNativeAbi.cmsg_len(data.size());
  std::memcpy(item.data(), &length, sizeof length);
  std::memcpy(item.data() + sizeof length, &level, sizeof level);
  std::memcpy(item.data() + sizeof length + sizeof level, &type, sizeof type);
  std::memcpy(item.data() + kNativeAbi.header(), data.data(), data.size());
  return item;
}

// Descriptors in every place that is none of the vectors', taken in every way.
void write_descriptors(const fs::path& out) {
  const std::string two("\x10\x20\0\0\x11\x20\0\0", 8);
  const std::string none_and_zero("\xff\xff\xff\xff\0\0\0\0", 8);
  const std::string credentials = control_item(1, 2, std::string(12, '\x02'));
  const std::pair<const char*, std::string> buffers[] = {
      {"descriptors-then-credentials", control_item(1, 1, two) + credentials},
      {"two-of-descriptors", control_item(1, 1, two) + control_item(1, 1, two)},
      {"pidfd", control_item(1, 4, two.substr(0, 4))},
      {"descriptor-0-and-none", control_item(1, 1, none_and_zero)},
      {"like-descriptors-of-another-level", control_item(41, 1, two)},
      {"29-descriptors", control_item(1, 1, std::string(29 * 4, '\x01'))},
      {"partial-after-credentials", credentials + control_item(1, 1, two.substr(0, 7))},
  };
  const std::pair<const char*, std::string_view> ways[] = {
      {"left", std::string_view("\0\0\0\0", 4)},
      {"some-taken", std::string_view("\0\0\0\1\0", 5)},
      {"some-then-all", std::string_view("\0\0\0\2\0", 5)},
      {"all-at-once", std::string_view("\0\0\0\3", 4)},
      {"closed", std::string_view("\0\0\0\4", 4)},
      {"received-again", std::string_view("\1\0\0\0\0\0\3", 7)},
      {"claimed-longer", std::string_view("\0\0\x20\3", 4)},
      {"cut", std::string_view("\0\x40\0\3", 4)},
  };
  for (const auto& [name, control] : buffers) {
    for (const auto& [way, choices] : ways) {
      write(out / "descriptors_are_owned_once", std::string(name) + "-" + way, control_input(choices, control));
    }
    write(out / "messages_are_whole", name, control_input('\0' + recvinto::fuzz::CallSeed().choices(), control));
  }
}

// The vectors through a plain call, and two descriptors through every other.
void write_calls(const fs::path& out, std::string_view invariant, const std::string& before) {
  write_vectors(out, invariant, before + recvinto::fuzz::CallSeed().choices());
  const auto& vectors = every_control_vector();
  for (const auto& [name, call] : recvinto::fuzz::call_seeds()) {
    for (const ControlVector& vector : vectors) {
      if (vector.name != "credentials-and-descriptors" && vector.name != "descriptors-cut-in-a-number") continue;
      if (vector.layout.byte_order != std::endian::little) continue;
      write(out / invariant, name + "-" + vector.name + "-" + layout_name(vector.layout),
            control_input(before + call.choices(), vector.control));
    }
  }
}

void write_addresses(const fs::path& out) {
  const auto address = [&](const std::string& name, const std::string& bytes, unsigned claimed = 0) {
    const std::string length{static_cast<char>(claimed & 0xff), static_cast<char>(claimed >> 8)};
    write(out / "addresses_end_at_their_length", name, length + bytes);
  };
  const auto family = [](int number) { return std::string{static_cast<char>(number), '\0'}; };
  const std::string port = "\x1f\x90";
  address("none", "");
  address("half-a-family", "\x01");
  address("unix-unnamed", family(1));
  address("unix-path", family(1) + "/tmp/socket" + std::string(1, '\0'));
  address("unix-path-without-nul", family(1) + std::string(108, 'p'));
  address("unix-path-with-its-nul-behind", family(1) + std::string(108, 'p') + std::string(1, '\0'));
  address("unix-path-claimed-longer", family(1) + std::string(108, 'p'), 120);
  address("unix-abstract", family(1) + std::string("\0name\0more", 10));
  address("inet", family(2) + port + "\x7f" + std::string("\0\0\x01", 3) + std::string(8, '\0'));
  address("inet-without-padding", family(2) + port + "\x7f" + std::string("\0\0\x01", 3));
  address("inet-too-short", family(2) + port + "\x7f");
  address("inet6", family(10) + port + std::string(4, '\x05') + std::string("\xfe\x80\0\0\0\0\0\0", 8) +
                       std::string(8, '\x11') + std::string("\x02\0\0\0", 4));
  address("inet6-too-short", family(10) + port + std::string(20, '\x01'));
  address("packet", family(17) + std::string(18, '\x03'));
  address("beyond-the-room", family(1) + std::string(126, 'p'), 0xffff);
}

void write_sizes(const fs::path& out) {
  // A place, how the offset is given, and the offset.
  const auto size = [&](const std::string& name, const std::string& bytes) {
    write(out / "control_sizes_never_wrap", name, bytes);
  };
  for (int place = 0; place < 4; ++place) {
    for (int offset : {0, 1, 7, 8, 11, 12, 13, 15, 16, 17, 19, 23, 24}) {
      size(std::to_string(place) + "-" + std::to_string(offset),
           {static_cast<char>(place), '\0', static_cast<char>(offset)});
    }
  }
  size("far-from-the-largest", std::string("\x02\x01\x01\x00\x00\x00\x20", 7));
}

void write_partitions(const fs::path& out) {
  const std::string_view partitions[] = {std::string_view("\x0c\x00\x00\x01\x01\x02", 6),
                                         std::string_view("\xc8\x04\0\1\2\3\4\5\6\7\x05\0\1\2\3\4\5\6\7\3", 20),
                                         std::string_view("\x20\x02\x00\x00", 4)};
  for (std::size_t i = 0; i < std::size(partitions); ++i) {
    for (const ControlVector& vector : every_control_vector()) {
      if (vector.layout != ControlLayout{kAbi64, std::endian::little}) continue;
      if (i != 0 && vector.name != "items-of-one-kind") continue;
      write(out / "partitions_receive_alike", vector.name + "-" + std::to_string(i),
            control_input(partitions[i], vector.control));
    }
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds OUT, the folder that the seeds are written to, such as fuzz/corpus\n");
    return 64;
  }
  const fs::path out = argv[1];
  write_vectors(out, "control_messages_stay_inside", "");
  // The first choice: from a misaligned address on.
  write_vectors(out, "control_messages_stay_inside", "\1", "misaligned-");
  write_vectors(out, "descriptors_are_owned_once", std::string_view("\0\0\0\2", 4));
  write_descriptors(out);
  write_calls(out, "receive_keeps_its_contract", "");
  write_calls(out, "messages_are_whole", std::string(1, '\0'));
  // The first choice: warnings are errors.
  write_vectors(out, "messages_are_whole", '\1' + recvinto::fuzz::CallSeed().choices(), "strict-");
  write_addresses(out);
  write_sizes(out);
  write_partitions(out);
  recvinto::fuzz::write_text_seeds([&out](std::string_view invariant, const std::string& name, std::string_view bytes) {
    write(out / invariant, name, bytes);
  });
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "fuzz_seeds: %s\n", error.what());
  return 1;
}
