#!/usr/bin/env lua5.3
-- Adapter for recvfrom of luaposix. ../PROTOCOL.md is the contract.
local json = require "cjson"
local posix = require "posix"

local capabilities = { "address", "nonblocking", "system_wait" }

local function hex(bytes)
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

local function storage_of(entry)
  local fill = (entry.fill or "ee"):gsub("..", function(digits) return string.char(tonumber(digits, 16)) end)
  return fill:rep(entry.size // #fill + 1):sub(1, entry.size)
end

local function address_of(sender)
  if sender == nil or sender.family == nil then return json.null end
  if sender.family == posix.AF_UNIX then
    if sender.path == "" then return json.null end
    return { family = sender.family, path = hex(sender.path) }
  elseif sender.family == posix.AF_INET then
    return { family = sender.family, host = sender.addr, port = sender.port }
  elseif sender.family == posix.AF_INET6 then
    return { family = sender.family, host = sender.addr, port = sender.port, flowinfo = sender.flowinfo or 0, scope_id = sender.scope_id or 0 }
  end
  return { family = sender.family, raw = "" }
end

local function receive(request)
  local entry = request.buffers[1]
  local storage = storage_of(entry)
  local from, to = entry.from or 0, entry.to or entry.size
  local mode = posix.fcntl(request.fd, posix.F_GETFL)
  if mode then
    mode = request.timeout_ms == 0 and mode | posix.O_NONBLOCK or mode & ~posix.O_NONBLOCK
    posix.fcntl(request.fd, posix.F_SETFL, mode)
  end
  local called, data, sender, number = pcall(posix.recvfrom, request.fd, to - from)
  local reply = {}
  if not called then
    reply.error = { class = "error", errno = json.null, message = tostring(data) }
  elseif data == nil then
    reply.error = { class = "recvfrom", errno = number, message = sender }
  else
    reply.nbytes, reply.returned, reply.address = #data, hex(data), address_of(sender)
    storage = storage:sub(1, from) .. data:sub(1, to - from) .. storage:sub(from + #data + 1)
  end
  reply.buffers = { hex(storage) }
  return reply
end

for line in io.lines() do
  local request = json.decode(line)
  local reply = {}
  if request.op == "hello" then
    reply = { protocol = 1, name = "luaposix", version = posix.version:gsub(".* ", ""), language = "Lua", capabilities = capabilities }
  elseif request.op == "recvmsg_into" then
    reply = receive(request)
  elseif request.op == "close" then
    for _, fd in ipairs(request.fds) do posix.close(fd) end
  elseif request.op ~= "bye" then
    reply = { unsupported = request.op }
  end
  reply.id = math.tointeger(request.id)
  io.write(json.encode(reply), "\n")
  io.flush()
  if request.op == "bye" then break end
end
