// A plug-in for compares.cc that reads from nowhere on "p", hangs on "h", and answers wrongly to "w".

#include <cstddef>
#include <cstdint>

extern "C" int answer(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  if (data[0] == 'p') return *reinterpret_cast<const volatile int*>(16);
  volatile bool hanging = data[0] == 'h';
  while (hanging) {
  }
  return data[0] == 'w' ? 2 : data[0] & 1;
}
