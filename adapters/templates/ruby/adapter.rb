#!/usr/bin/env ruby
# frozen_string_literal: true

# An adapter of the recvmsg conformance suite: README.md says what to change.
require 'io/nonblock'
require 'json'
require 'socket'

# Who is judged, and what its interface can express.
HELLO = { protocol: 1, name: 'Ruby recvmsg', version: RUBY_VERSION, language: 'Ruby',
          capabilities: %w[msg_flags ancillary rights ancbufsize nonblocking] }.freeze

RECEIVED = {} # by descriptor: an object that is collected would close its own

# ---- YOUR IMPLEMENTATION: its call takes the place of recvmsg here.
# Returns the bytes, the flags and the ancillary items, each [level, type, bytes].
def receive(descriptor, room, ancbufsize, wait)
  socket = Socket.for_fd(descriptor)
  socket.autoclose = false # the descriptor stays open: it is the suite's
  socket.nonblock = !wait
  call = wait ? :recvmsg : :recvmsg_nonblock
  data, _sender, msg_flags, *controls = socket.public_send(call, room, 0, ancbufsize, scm_rights: true)
  items = controls.map do |control|
    control.unix_rights.each { |io| RECEIVED[io.fileno] = io } if control.cmsg_is?(:SOCKET, :RIGHTS)
    [control.level, control.type, control.data]
  end
  [data, msg_flags, items]
end
# ---- What follows need not change, until you declare more.

def hex(bytes) = bytes.unpack1('H*')

def recvmsg_into(request)
  return { unsupported: 'scatter' } if request['buffers'].size != 1

  entry = request['buffers'][0]
  size = entry['size']
  from = entry.fetch('from', 0)
  fill = [entry.fetch('fill', 'ee')].pack('H*')
  storage = (fill * (size / fill.size + 1)).byteslice(0, size)
  begin
    data, msg_flags, items = receive(request['fd'], entry.fetch('to', size) - from, request.fetch('ancbufsize', 0),
                                     request['timeout_ms'] != 0)
    storage[from, data.bytesize] = data
    ancdata = items.map { |level, type, bytes| [level, type, hex(bytes)] }
    reply = { nbytes: data.bytesize, msg_flags: msg_flags, ancdata: ancdata }
  rescue StandardError => e
    reply = { error: { class: e.class.name, errno: e.respond_to?(:errno) ? e.errno : nil, message: e.message } }
  end
  reply.merge(buffers: [hex(storage)])
end

def close(numbers)
  numbers.each do |number|
    (RECEIVED.delete(number) || IO.for_fd(number)).close
  rescue SystemCallError
    next # it is not open
  end
  {}
end

$stdout.sync = true
$stdin.each_line do |line|
  request = JSON.parse(line)
  reply = case request['op']
          when 'hello' then HELLO
          when 'recvmsg_into' then recvmsg_into(request)
          when 'close' then close(request['fds'])
          when 'bye' then {}
          else { unsupported: request['op'] }
          end
  puts JSON.generate(reply.merge(id: request['id']))
  break if request['op'] == 'bye'
end
