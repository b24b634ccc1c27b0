//! The plug-in ABI of adapters/include/recvinto/plugin.h, and what every plug-in of this folder does with it: buffers as
//! slices, room for ancillary data, and ancillary items by the library's own iterator.
const std = @import("std");
const net = std.Io.net;

pub const Hello = extern struct {
    size: usize = @sizeOf(Hello),
    name: [*:0]const u8,
    version: [*:0]const u8 = @import("builtin").zig_version_string,
    language: [*:0]const u8 = "Zig",
    capabilities: [*:null]const ?[*:0]const u8,
    choices: [*:null]const ?[*:0]const u8,
    sockets: [*:null]const ?[*:0]const u8,
    items: ?[*:null]const ?[*:0]const u8 = null,
};

pub const Call = extern struct {
    size: usize,
    fd: c_int,
    buffers: [*]const std.posix.iovec,
    buffer_count: usize,
    ancbufsize: ?*const i64,
    flags: ?*const i64,
    timeout_ms: ?*const i64,
    warnings_are_errors: c_int,
    handler_has_raised: ?*const fn () callconv(.c) c_int,
};

pub const Item = extern struct { level: c_int, type: c_int, data_begin: usize, data_size: usize };

pub const Address = extern struct {
    form: c_int,
    family: c_int,
    bytes: [128]u8,
    bytes_size: usize,
    host: [64]u8,
    port: u32,
    flowinfo: u32,
    scope_id: u32,

    pub const sockaddr = 1;
};

pub const Answer = extern struct {
    size: usize,
    nbytes: i64,
    msg_flags: c_int,
    items: [*]Item,
    items_room: usize,
    item_count: usize,
    data: [*]u8,
    data_room: usize,
    address: Address,
    warnings: [8][64]u8,
    warning_count: usize,
    error_class: [64]u8,
    error_number: c_int,
    message: [256]u8,
};

pub const Result = enum(c_int) { received = 0, failed = 1, unsupported = 2 };

pub const Plugin = extern struct {
    size: usize = @sizeOf(Plugin),
    version: c_int = 1,
    hello: *const fn () callconv(.c) *const Hello,
    call: *const fn (*const Call, *Answer) callconv(.c) Result,
    reset: ?*const fn () callconv(.c) void = null,
};

/// The plug-in of one receive: `receive` answers a call, or fails with the library's error.
pub fn Offering(comptime hello: Hello, comptime receive: fn (std.Io, *Work, *const Call, *Answer) anyerror!void) type {
    return struct {
        const offered = hello;
        pub const plugin: Plugin = .{ .hello = say_hello, .call = answer };

        fn say_hello() callconv(.c) *const Hello {
            return &offered;
        }

        fn answer(call: *const Call, answered: *Answer) callconv(.c) Result {
            var threaded: std.Io.Threaded = .init_single_threaded;
            var work: Work = .{};
            defer work.arena.deinit();
            receive(threaded.io(), &work, call, answered) catch |err| return failed(call, answered, err);
            return .received;
        }
    };
}

/// What a call works with. All of it ends with the call.
pub const Work = struct {
    arena: std.heap.ArenaAllocator = .init(std.heap.page_allocator),

    pub fn buffers(work: *Work, call: *const Call) ![][]u8 {
        const slices = try work.arena.allocator().alloc([]u8, call.buffer_count);
        for (slices, call.buffers[0..call.buffer_count]) |*slice, buffer| slice.* = buffer.base[0..buffer.len];
        return slices;
    }

    pub fn control(work: *Work, call: *const Call) ![]align(net.cmsg_align) u8 {
        const room: usize = if (call.ancbufsize) |size| @intCast(size.*) else 0;
        return work.arena.allocator().alignedAlloc(u8, .fromByteUnits(net.cmsg_align), room);
    }
};

pub fn report_items(answer: *Answer, control: []align(net.cmsg_align) u8) void {
    var items: net.cmsg.Iterator = .{ .control = control };
    var begin: usize = 0;
    while (items.next()) |item| {
        if (answer.item_count == answer.items_room or begin + item.data.len > answer.data_room) return;
        @memcpy(answer.data[begin..][0..item.data.len], item.data);
        answer.items[answer.item_count] = .{
            .level = item.header.level,
            .type = item.header.type,
            .data_begin = begin,
            .data_size = item.data.len,
        };
        answer.item_count += 1;
        begin += item.data.len;
    }
}

/// The library's name of an error is its class; the system's number is known where the two are one.
fn failed(call: *const Call, answer: *Answer, err: anyerror) Result {
    const class = if (err == error.Timeout) "TimeoutError" else @errorName(err);
    _ = std.fmt.bufPrint(&answer.error_class, "{s}", .{class}) catch {};
    _ = std.fmt.bufPrint(&answer.message, "error.{s}", .{@errorName(err)}) catch {};
    answer.error_number = switch (err) {
        error.ConnectionResetByPeer => number(.CONNRESET),
        error.SocketUnconnected => number(.NOTCONN),
        error.ConnectionTimedOut => number(.TIMEDOUT),
        error.NetworkDown => number(.NETDOWN),
        error.PortUnreachable => number(.CONNREFUSED),
        error.MessageOversize => number(.MSGSIZE),
        error.ProcessFdQuotaExceeded => number(.MFILE),
        error.SystemFdQuotaExceeded => number(.NFILE),
        error.AccessDenied => number(.ACCES),
        error.SystemResources => number(.NOBUFS),
        // What a call that does not wait ends with is not a time that was up.
        error.Timeout => if (call.timeout_ms.?.* == 0) number(.AGAIN) else 0,
        else => 0,
    };
    return .failed;
}

fn number(code: std.posix.E) c_int {
    return @backingInt(code);
}
