# Ruby: recvmsg with MSG_TRUNC of a message that is longer than what was asked for, and on TCP.
require 'socket'
puts "ruby #{RUBY_VERSION}"
secrets = Array.new(2000) { |i| "password-#{i % 10} " * 200 }
secrets = nil
GC.start
a, b = Socket.pair(:UNIX, :DGRAM)
a.send('A' * 60_000, 0)
data, = b.recvmsg(2, Socket::MSG_TRUNC)
puts "unix datagram recvmsg(2): #{data.bytesize} bytes, #{data.count('A')} of them sent, #{data.scan('password').size} passwords"
server = TCPServer.new('127.0.0.1', 0)
client = TCPSocket.new('127.0.0.1', server.addr[1])
accepted = server.accept
client.write('A' * 4000)
sleep 0.1
data, = accepted.recvmsg(4000, Socket::MSG_TRUNC)
puts "TCP recvmsg(4000): #{data.bytesize} bytes, #{data.count('A')} of them sent, #{data.scan('password').size} passwords"
