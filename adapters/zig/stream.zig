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

fn receive(io: std.Io, work: *plugin.Work, call: *const plugin.Call, answer: *plugin.Answer) !void {
    const control = try work.control(call);
    const stream: std.Io.net.Stream = .{ .socket = .{ .handle = call.fd, .address = undefined } };
    const result = try stream.readWithControl(io, try work.buffers(call), control);
    answer.nbytes = @intCast(result.data_len);
    answer.msg_flags = if (result.control_truncated) std.posix.MSG.CTRUNC else 0;
    plugin.report_items(answer, @alignCast(control[0..@min(result.control_len, control.len)]));
}

export fn recvinto_plugin_v1() *const plugin.Plugin {
    return &plugin.Offering(hello, receive).plugin;
}
