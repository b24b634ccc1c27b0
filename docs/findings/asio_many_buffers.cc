// Boost.Asio: more than 64 buffers. g++ -std=c++17 asio_many_buffers.cc -o asio_many_buffers -pthread &&
// ./asio_many_buffers
#include <array>
#include <boost/asio.hpp>
#include <boost/version.hpp>
#include <iostream>
#include <string>
#include <vector>

int main() {
  boost::asio::io_context context;
  boost::asio::local::datagram_protocol::socket sender(context), receiver(context);
  boost::asio::local::connect_pair(sender, receiver);
  std::string message(100, 'x'), storage(100, '-');
  std::vector<boost::asio::mutable_buffer> buffers;
  for (char& one : storage) buffers.emplace_back(&one, 1);

  sender.send(boost::asio::buffer(message));
  boost::system::error_code error;
  std::cout << "Boost " << BOOST_LIB_VERSION << "\n";
  std::cout << "a datagram of 100 bytes, 100 buffers of 1 byte: receive returns " << receiver.receive(buffers, 0, error)
            << ", " << error.message() << "\n";
  receiver.non_blocking(true);
  const std::size_t rest = receiver.receive(boost::asio::buffer(storage), 0, error);
  std::cout << "the rest: " << rest << " bytes, " << error.message() << "\n";
}
