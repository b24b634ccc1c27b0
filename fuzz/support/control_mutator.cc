// The mutator of targets whose input is a ControlInput: takes the control bytes apart into records, changes the
// records, and puts them together again. Bytes without structure die at the first header.

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "fuzz/support/byte_mutator.h"
#include "fuzz/support/control_input.h"
#include "fuzz/support/random.h"
#include "fuzz/support/records.h"

namespace recvinto::fuzz {
namespace {

constexpr std::size_t kHeaderSize = CMSG_LEN(0);
constexpr std::size_t kInputMost = 4096 + 64;

using Room = std::array<std::uint8_t, kInputMost>;

// An input taken apart: the choices in front, and the records; everything borrows from a copy of the input.
struct Parts {
  Room copy;
  std::array<std::uint8_t, ControlInput::kChoicesMost> choices;
  std::size_t choice_count = 0;
  Records records;

  void take_apart(const std::uint8_t* data, std::size_t size) {
    size = std::min(size, copy.size());
    if (size != 0) std::memcpy(copy.data(), data, size);
    const ControlInput input(copy.data(), size);
    choice_count = input.choices.size();
    std::copy(input.choices.begin(), input.choices.end(), choices.begin());
    decode_records({copy.data() + (size - input.control.size()), input.control.size()}, records);
  }

  std::size_t put_together(std::uint8_t* data, std::size_t max_size) const {
    if (max_size == 0) return 0;
    data[0] = static_cast<std::uint8_t>(choice_count);
    const std::size_t count = std::min(choice_count, max_size - 1);
    std::copy_n(choices.begin(), count, data + 1);
    return 1 + count + encode_records(records, {data + 1 + count, max_size - 1 - count});
  }
};

// What new records are made of: numbers of descriptors that are not open, for SCM_RIGHTS, and anything else. Records
// borrow from it until they are put together.
class Fresh {
 public:
  Fresh() {
    for (std::size_t i = 0; i < descriptors_.size(); ++i) descriptors_[i] = kFirst + static_cast<int>(i);
  }

  [[nodiscard]] std::span<const std::uint8_t> descriptors(std::size_t size) const { return bytes(descriptors_, size); }

  std::span<const std::uint8_t> noise(Random& random, std::size_t size) {
    for (int& number : noise_) number = static_cast<int>(random.next());
    return bytes(noise_, size);
  }

 private:
  static constexpr int kFirst = 1 << 20;
  using Numbers = std::array<int, 64>;

  static std::span<const std::uint8_t> bytes(const Numbers& numbers, std::size_t size) {
    return {reinterpret_cast<const std::uint8_t*>(numbers.data()), std::min(size, sizeof numbers)};
  }

  Numbers descriptors_;
  Numbers noise_ = {};
};

Record new_record(Random& random, Fresh& fresh) {
  switch (random.below(6)) {
    case 0:
    case 1:
      return {.level = SOL_SOCKET, .type = SCM_RIGHTS, .data = fresh.descriptors(4 * (1 + random.below(4)))};
    case 2:  // more than fit into the few slots that programs like to reserve
      return {.level = SOL_SOCKET, .type = SCM_RIGHTS, .data = fresh.descriptors(4 * (16 + random.below(48)))};
    case 3:
      return {.level = SOL_SOCKET, .type = SCM_CREDENTIALS, .data = fresh.noise(random, sizeof(ucred))};
    case 4:  // ends on no word
      return {.level = SOL_SOCKET, .type = SCM_RIGHTS, .data = fresh.descriptors(1 + random.below(24))};
    default:
      return {.level = static_cast<int>(random.below(300)),
              .type = static_cast<int>(random.below(80)),
              .data = fresh.noise(random, random.below(40))};
  }
}

// A cmsg_len that is wrong in one of the ways that parsers have fallen for.
std::size_t lie(Random& random, std::size_t truth) {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  switch (random.below(9)) {
    case 0:
      return 0;
    case 1:
      return random.below(kHeaderSize);
    case 2:  // rounding this up to the alignment gives 0
      return kMost - random.below(8);
    case 3:  // right in its lower half
    case 7:
      return truth + (kMost / 2 + 1) / (std::size_t{1} << random.below(sizeof(std::size_t) * 4));
    case 4:
      return truth + 1 + random.below(8);
    case 5:
      return truth - std::min(truth, 1 + random.below(8));
    case 6:
      return truth + (std::size_t{1} << random.below(16));
    default:
      return static_cast<std::size_t>(random.next());
  }
}

void tell_lie(Record& record, Random& random) {
  record.claim = lie(random, kHeaderSize + record.data.size());
  record.lies = true;
}

void mutate_records(Records& records, Random& random, Fresh& fresh) {
  if (records.count == 0 || random.once_in(5)) {
    Record record = new_record(random, fresh);
    if (random.once_in(3)) tell_lie(record, random);
    records.insert(random.below(records.count + 1), record);
    return;
  }
  const std::size_t at = random.below(records.count);
  Record& record = records.list[at];
  switch (random.below(8)) {
    case 0:
      records.remove(at);
      break;
    case 1: {
      const Record copy = record;
      records.insert(random.below(records.count + 1), copy);
      break;
    }
    case 2:
      std::swap(record, records.list[random.below(records.count)]);
      break;
    case 3:
    case 4:
      tell_lie(record, random);
      break;
    case 5:
      record.lies = false;
      record.data = record.data.first(random.below(record.data.size() + 1));
      break;
    case 6:
      records.last_unpadded = !records.last_unpadded;
      break;
    default:
      record.level = SOL_SOCKET;
      record.type = static_cast<int>(1 + random.below(4));
  }
}

void mutate_choices(Parts& parts, Random& random) {
  if (parts.choice_count == 0 || random.once_in(4)) {
    parts.choice_count = random.below(parts.choices.size() + 1);
    for (std::size_t i = 0; i < parts.choice_count; ++i) parts.choices[i] = static_cast<std::uint8_t>(random.below(8));
    return;
  }
  std::uint8_t& choice = parts.choices[random.below(parts.choice_count)];
  choice = static_cast<std::uint8_t>(random.once_in(4) ? random.next() : random.below(8));
}

std::size_t mutate(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  Random random(seed);
  if (size != 0 && random.once_in(8)) return mutate_bytes(data, size, max_size, random);
  static Parts parts;
  static Fresh fresh;
  parts.take_apart(data, size);
  for (std::size_t left = 1 + random.below(4); left != 0; --left) {
    if (random.once_in(4)) {
      mutate_choices(parts, random);
    } else {
      mutate_records(parts.records, random, fresh);
    }
  }
  const std::size_t length = parts.put_together(data, max_size);
  // A kernel cuts anywhere.
  return random.once_in(8) ? 1 + random.below(length) : length;
}

// The choices and some records of the one, the other records of the other.
std::size_t cross_over(std::span<const std::uint8_t> one, std::span<const std::uint8_t> other,
                       std::span<std::uint8_t> out, unsigned seed) {
  Random random(seed);
  static Parts first;
  static Parts second;
  first.take_apart(one.data(), one.size());
  second.take_apart(other.data(), other.size());
  const std::size_t from = second.records.count == 0 ? 0 : random.below(second.records.count);
  for (std::size_t i = from; i < second.records.count; ++i) {
    first.records.insert(random.below(first.records.count + 1), second.records.list[i]);
  }
  return first.put_together(out.data(), out.size());
}

}  // namespace
}  // namespace recvinto::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  return recvinto::fuzz::mutate(data, size, max_size, seed);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                                 const std::uint8_t* other, std::size_t other_size, std::uint8_t* out,
                                                 std::size_t out_max, unsigned seed) {
  return recvinto::fuzz::cross_over({one, one_size}, {other, other_size}, {out, out_max}, seed);
}
