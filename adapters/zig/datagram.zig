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

fn say_hello() callconv(.c) *const plugin.Hello {
    return &hello;
}

fn receive(call: *const plugin.Call, answer: *plugin.Answer) callconv(.c) plugin.Result {
    var threaded: std.Io.Threaded = .init_single_threaded;
    var work: plugin.Work = .{};
    defer work.arena.deinit();
    const control = work.control(call) catch |err| return plugin.failed(answer, err);
    const buffers = work.buffers(call) catch |err| return plugin.failed(answer, err);
    var message: net.IncomingMessage = .init;
    message.control = control;
    const timeout: std.Io.Timeout = if (call.timeout_ms) |milliseconds|
        .{ .duration = .{ .raw = .fromMilliseconds(milliseconds.*), .clock = .awake } }
    else
        .none;
    const socket: net.Socket = .{ .handle = call.fd, .address = undefined };
    const failure, _ = socket.receiveManyTimeout(threaded.io(), (&message)[0..1], buffers[0], .{}, timeout);
    if (failure) |err| {
        const result = plugin.failed(answer, err);
        // What a call that does not wait ends with is not a time that was up.
        if (err == error.Timeout and call.timeout_ms.?.* == 0) answer.error_number = @backingInt(std.posix.E.AGAIN);
        return result;
    }
    answer.nbytes = @intCast(message.data.len);
    answer.msg_flags = flags(message.flags);
    plugin.report_items(answer, @alignCast(message.control));
    report_address(&answer.address, message.from);
    return .received;
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

const offered: plugin.Plugin = .{ .hello = say_hello, .call = receive };

export fn recvinto_plugin_v1() *const plugin.Plugin {
    return &offered;
}
