//! std.Io.net.Socket.receiveManyTimeout of one message: a receive into one buffer, with ancillary data and the sender.
const std = @import("std");
const net = std.Io.net;
const plugin = @import("plugin.zig");

const hello: plugin.Hello = .{
    .name = "Zig std.Io.net.Socket",
    .capabilities = &[_:null]?[*:0]const u8{
        "empty_buffers", "ancillary", "all_items", "ancbufsize",   "msg_flags",   "address",
        "timeout",       "signals",   "recvmsg",   "two_mappings", "system_wait", "sparse_buffers",
    },
    .choices = &[_:null]?[*:0]const u8{
        "msg_flags_known=MSG_EOR|MSG_TRUNC|MSG_CTRUNC|MSG_OOB|MSG_ERRQUEUE", "default_ancbufsize=0", "timeout=poll",
    },
    .sockets = &[_:null]?[*:0]const u8{ "udp4", "udp6" },
};

fn receive(io: std.Io, work: *plugin.Work, call: *const plugin.Call, answer: *plugin.Answer) !void {
    const buffers = try work.buffers(call);
    var message: net.IncomingMessage = .init;
    message.control = try work.control(call);
    const timeout: std.Io.Timeout = if (call.timeout_ms) |milliseconds|
        .{ .duration = .{ .raw = .fromMilliseconds(milliseconds.*), .clock = .awake } }
    else
        .none;
    const socket: net.Socket = .{ .handle = call.fd, .address = undefined };
    const failure, _ = socket.receiveManyTimeout(io, (&message)[0..1], buffers[0], .{}, timeout);
    if (failure) |err| return err;
    answer.nbytes = @intCast(message.data.len);
    answer.msg_flags = flags(message.flags);
    plugin.report_items(answer, @alignCast(message.control));
    report_address(&answer.address, message.from);
}

fn flags(reported: net.IncomingMessage.Flags) c_int {
    var all: u32 = 0;
    if (reported.eor) all |= std.posix.MSG.EOR;
    if (reported.trunc) all |= std.posix.MSG.TRUNC;
    if (reported.ctrunc) all |= std.posix.MSG.CTRUNC;
    if (reported.oob) all |= std.posix.MSG.OOB;
    if (reported.errqueue) all |= std.posix.MSG.ERRQUEUE;
    return @intCast(all);
}

/// As the system gave it: there is no way back from the library's form but the library's own.
fn report_address(address: *plugin.Address, from: net.IpAddress) void {
    var storage: std.Io.Threaded.PosixAddress = undefined;
    const size = std.Io.Threaded.addressToPosix(&from, &storage);
    address.form = plugin.Address.sockaddr;
    address.bytes_size = size;
    @memcpy(address.bytes[0..size], std.mem.asBytes(&storage)[0..size]);
}

export fn recvinto_plugin_v1() *const plugin.Plugin {
    return &plugin.Offering(hello, receive).plugin;
}
