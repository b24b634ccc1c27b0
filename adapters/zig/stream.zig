//! std.Io.net.Stream.readWithControl: a receive into several buffers, with ancillary data.
const std = @import("std");
const plugin = @import("plugin.zig");

const hello: plugin.Hello = .{
    .name = "Zig std.Io.net.Stream",
    .capabilities = &[_:null]?[*:0]const u8{
        "scatter",   "empty_buffers", "overlap", "ancillary",            "rights",             "all_items",    "ancbufsize",
        "msg_flags", "system_wait",   "signals", "inaccessible_buffers", "inaccessible_tails", "two_mappings", "sparse_buffers",
        "recvmsg",
    },
    .choices = &[_:null]?[*:0]const u8{ "msg_flags_known=MSG_CTRUNC", "default_ancbufsize=0" },
    .sockets = &[_:null]?[*:0]const u8{ "unix_stream", "unix_seqpacket", "tcp4", "tcp6" },
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
    const stream: std.Io.net.Stream = .{ .socket = .{ .handle = call.fd, .address = undefined } };
    const result = stream.readWithControl(threaded.io(), buffers, control) catch |err| return plugin.failed(answer, err);
    answer.nbytes = @intCast(result.data_len);
    answer.msg_flags = if (result.control_truncated) std.posix.MSG.CTRUNC else 0;
    plugin.report_items(answer, @alignCast(control[0..@min(result.control_len, control.len)]));
    return .received;
}

const offered: plugin.Plugin = .{ .hello = say_hello, .call = receive };

export fn recvinto_plugin_v1() *const plugin.Plugin {
    return &offered;
}
