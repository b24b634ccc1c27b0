// Boost.Asio: an address longer than the room, as scripted_recvmsg.c answers. g++ -std=c++17 asio_scripted.cc -o
// asio_scripted -pthread && RECVMSG=name-of-200 LD_PRELOAD=./scripted_recvmsg.so ./asio_scripted
#include <array>
#include <boost/asio.hpp>
#include <exception>
#include <iostream>
#include <string>

int main() {
  boost::asio::io_context context;
  boost::asio::local::datagram_protocol::socket there(context), here(context);
  boost::asio::local::connect_pair(there, here);
  std::string data(4, '-'), more(4, '-');
  const std::array buffers{boost::asio::buffer(data), boost::asio::buffer(more)};  // of one it receives by recvfrom(2)
  boost::asio::local::datagram_protocol::endpoint sender;
  boost::system::error_code error;
  try {
    const std::size_t count = here.receive_from(buffers, sender, 0, error);
    std::cout << "receive_from returns " << count << ", error " << error.message() << "\n";
  } catch (const std::exception& thrown) {
    std::cout << "receive_from throws: " << thrown.what() << "; error " << error.message() << ", data " << data << "\n";
  }
}
