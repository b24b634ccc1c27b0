//! What receives of Zig's std.Io.net do: zig run zig_receive.zig -- CASE
const std = @import("std");
const linux = std.os.linux;
const net = std.Io.net;

fn udp() i32 {
    return @intCast(linux.socket(linux.AF.INET, linux.SOCK.DGRAM, 0));
}

fn pair_of(kind: u32) [2]i32 {
    var pair: [2]i32 = undefined;
    _ = linux.socketpair(linux.AF.UNIX, kind, 0, &pair);
    _ = linux.write(pair[0], "0123456789", 10);
    return pair;
}

fn timed(io: std.Io) !void {
    const socket: net.Socket = .{ .handle = udp(), .address = undefined };
    const patience: linux.timeval = .{ .sec = 0, .usec = 10_000 };
    _ = linux.setsockopt(socket.handle, linux.SOL.SOCKET, linux.SO.RCVTIMEO, std.mem.asBytes(&patience), @sizeOf(linux.timeval));
    var buffer: [4]u8 = undefined;
    std.debug.print("{any}\n", .{socket.receive(io, &buffer)});
}

fn refused(io: std.Io) !void {
    const socket: net.Socket = .{ .handle = udp(), .address = undefined };
    const closed_port: linux.sockaddr.in = .{ .port = std.mem.nativeToBig(u16, 1), .addr = @bitCast([4]u8{ 127, 0, 0, 1 }) };
    _ = linux.connect(socket.handle, @ptrCast(&closed_port), @sizeOf(linux.sockaddr.in));
    _ = linux.write(socket.handle, "x", 1);
    var buffer: [4]u8 = undefined;
    std.debug.print("{any}\n", .{socket.receive(io, &buffer)});
}

fn longer(io: std.Io) !void {
    const socket: net.Socket = .{ .handle = pair_of(linux.SOCK.DGRAM)[1], .address = undefined };
    var buffer: [4]u8 = undefined;
    var message: net.IncomingMessage = .init;
    _, _ = socket.receiveManyTimeout(io, (&message)[0..1], &buffer, .{ .trunc = true }, .none);
    std.debug.print("{d} bytes in a buffer of {d}\n", .{ message.data.len, buffer.len });
}

fn ten(io: std.Io) !void {
    const pair = pair_of(linux.SOCK.SEQPACKET);
    _ = linux.write(pair[0], "next", 4);
    const stream: net.Stream = .{ .socket = .{ .handle = pair[1], .address = undefined } };
    var bytes: [10]u8 = undefined;
    var buffers: [10][]u8 = undefined;
    for (&buffers, 0..) |*buffer, i| buffer.* = bytes[i..][0..1];
    for (0..2) |_| {
        const n = try stream.read(io, &buffers);
        std.debug.print("{s}\n", .{bytes[0..n]});
    }
}

fn empty(io: std.Io) !void {
    const stream: net.Stream = .{ .socket = .{ .handle = pair_of(linux.SOCK.STREAM)[1], .address = undefined } };
    var buffers = [_][]u8{&.{}};
    std.debug.print("{d}\n", .{try stream.read(io, &buffers)});
}

pub fn main(init: std.process.Init) !void {
    const arguments = try init.minimal.args.toSlice(init.arena.allocator());
    const named = std.meta.stringToEnum(enum { timed, refused, longer, ten, empty }, if (arguments.len == 2) arguments[1] else "");
    switch (named orelse {
        std.debug.print("usage: zig_receive timed|refused|longer|ten|empty\n", .{});
        return;
    }) {
        .timed => try timed(init.io),
        .refused => try refused(init.io),
        .longer => try longer(init.io),
        .ten => try ten(init.io),
        .empty => try empty(init.io),
    }
}
