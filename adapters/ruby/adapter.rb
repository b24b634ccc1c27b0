#!/usr/bin/env ruby
# frozen_string_literal: true

# Adapter for BasicSocket#recvmsg of Ruby. ../PROTOCOL.md is the contract.
require 'io/nonblock'
require 'json'
require 'socket'

CAPABILITIES = %w[flags msg_flags address ancillary rights all_items ancbufsize empty_buffers nonblocking signals
                  raising_handler pipelining].freeze

class HandlerError < StandardError; end

$handled = 0
$received = [] # the objects that Ruby makes of descriptors: they would close them if they were collected

def hex(bytes) = bytes.unpack1('H*')

def storage_of(entry)
  fill = [entry.fetch('fill', 'ee')].pack('H*')
  (fill * (entry['size'] / fill.size + 1)).byteslice(0, entry['size'])
end

def address_of(info)
  name = info&.to_sockaddr.to_s
  return nil if name.bytesize <= 2

  family, rest = name.unpack('Sa*')
  case family
  when Socket::AF_UNIX
    { family: family, path: hex(rest.start_with?("\0") ? rest : rest.unpack1('Z*')) }
  when Socket::AF_INET
    { family: family, host: info.ip_address, port: info.ip_port }
  when Socket::AF_INET6
    port, flowinfo, _, scope = rest.unpack('nNa16L')
    { family: family, host: info.ip_address.sub(/%.*/, ''), port: port, flowinfo: flowinfo, scope_id: scope }
  else
    { family: family, raw: hex(rest) }
  end
end

def item_of(control)
  if control.level == Socket::SOL_SOCKET && control.type == Socket::SCM_RIGHTS && control.unix_rights
    $received += control.unix_rights.each { |io| io.autoclose = false }
  end
  [control.level, control.type, hex(control.data)]
end

def receive(request, room)
  socket = Socket.for_fd(request['fd'])
  socket.autoclose = false
  arguments = [room, request.fetch('flags', 0), request.fetch('ancbufsize', 0)]
  return socket.recvmsg_nonblock(*arguments, scm_rights: true) if request['timeout_ms']&.zero?

  socket.nonblock = false
  socket.recvmsg(*arguments, scm_rights: true)
end

def recvmsg_into(request)
  return { unsupported: 'scatter' } if request['buffers'].size != 1
  return { unsupported: 'timeout' } if request['timeout_ms']&.nonzero?

  entry = request['buffers'][0]
  storage = storage_of(entry)
  from = entry.fetch('from', 0)
  $handled = 0
  begin
    data, sender, flags, *controls = receive(request, entry.fetch('to', entry['size']) - from)
    storage[from, data.bytesize] = data
    reply = { nbytes: data.bytesize, msg_flags: flags, address: address_of(sender), ancdata: controls.map { |one| item_of(one) } }
  rescue StandardError => e
    number = e.respond_to?(:errno) ? e.errno : nil
    reply = { error: { class: e.class.name, errno: number, message: e.message } }
  end
  reply.merge(buffers: [hex(storage)], signals: $handled)
end

def handle(request)
  Signal.trap(request['signum'], { 'default' => 'DEFAULT',
                                   'return' => -> (_) { $handled += 1 },
                                   'raise' => lambda { |number|
                                     $handled += 1
                                     raise HandlerError, "signal #{number}"
                                   } }[request['handler']])
  {}
end

def close(numbers)
  $received.reject! { |io| numbers.include?(io.fileno) }
  numbers.each do |number|
    IO.for_fd(number).close
  rescue SystemCallError
    next # it is not open
  end
  {}
end

$stdout.sync = true
$stdin.each_line do |line|
  request = JSON.parse(line)
  reply = case request['op']
          when 'hello' then { protocol: 1, name: 'Ruby', version: RUBY_VERSION, language: 'Ruby', capabilities: CAPABILITIES }
          when 'recvmsg_into' then recvmsg_into(request)
          when 'signal' then handle(request)
          when 'close' then close(request['fds'])
          when 'bye' then {}
          else { unsupported: request['op'] }
          end
  puts JSON.generate(reply.merge(id: request['id']))
  break if request['op'] == 'bye'
end
