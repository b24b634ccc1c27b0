-- recvfrom of luaposix: an abstract name, and a sender without a name. lua5.3 luaposix_recvfrom.lua
local posix = require "posix"
print(posix.version)

local function show(what, sender)
  local path = sender.path or ""
  print(("%s: family %s, a name of %d bytes, of which %d are beyond it"):format(what, tostring(sender.family), #path, math.max(0, #path - 7)))
end

local receiver = posix.socket(posix.AF_UNIX, posix.SOCK_DGRAM, 0)
assert(posix.bind(receiver, { family = posix.AF_UNIX, path = "\0receiver-of-luaposix" }))
local sender = posix.socket(posix.AF_UNIX, posix.SOCK_DGRAM, 0)
assert(posix.bind(sender, { family = posix.AF_UNIX, path = "\0sender" }))
posix.sendto(sender, "abc", { family = posix.AF_UNIX, path = "\0receiver-of-luaposix" })
local _, from = posix.recvfrom(receiver, 16)
show("sender \\0sender", from)

local left, right = posix.socketpair(posix.AF_UNIX, posix.SOCK_DGRAM, 0)
posix.send(left, "abc")
_, from = posix.recvfrom(right, 16)
print("sender without a name: family " .. tostring(from.family))
