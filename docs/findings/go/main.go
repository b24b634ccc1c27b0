// What RecvmsgBuffers of golang.org/x/sys/unix makes of what recvmsg(2) gives.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

const pathOffset = 2 // of sun_path in struct sockaddr_un

func main() {
	info, _ := debug.ReadBuildInfo()
	fmt.Println(info.GoVersion, info.Deps[0].Path, info.Deps[0].Version)
	noBuffers("SOCK_STREAM", unix.SOCK_STREAM)
	noBuffers("SOCK_SEQPACKET", unix.SOCK_SEQPACKET)
	noBuffers("SOCK_DGRAM", unix.SOCK_DGRAM)
	singleZero()

	directory, err := os.MkdirTemp("", "recvmsgbuffers")
	check(err)
	defer os.RemoveAll(directory)
	check(os.Chdir(directory)) // for the pathname @at
	mine := fmt.Sprintf("\x00x%d", os.Getpid())
	for _, name := range []string{mine + "-a\x00b", mine + "-a", mine + "-tail\x00\x00", "@at", "\x00at"} {
		address(name)
	}
	reply(mine+"-a\x00b", mine+"-a")
	reply("@at", "\x00at")
	flow()
}

// The first messages are "abc" and "de"; there is room for ancillary data, and none for data.
func noBuffers(title string, socketType int) {
	for _, call := range []string{"recvmsg(2)", "RecvmsgBuffers"} {
		fds, err := unix.Socketpair(unix.AF_UNIX, socketType, 0)
		check(err)
		check(unix.Send(fds[0], []byte("abc"), 0))
		check(unix.Send(fds[0], []byte("de"), 0))
		oob := make([]byte, 64)
		var n, flags int
		if call == "recvmsg(2)" {
			n, flags, _ = recvmsg(fds[1], nil, oob)
		} else {
			n, _, flags, _, err = unix.RecvmsgBuffers(fds[1], nil, oob, 0)
			check(err)
		}
		rest := make([]byte, 16)
		left, err := unix.Read(fds[1], rest)
		check(err)
		fmt.Printf("%-14s no buffers, room for 64 bytes: %-14s gives n = %d, flags %#x; next comes %q\n", title, call, n,
			flags, rest[:left])
	}
}

// The documentation of Recvmsg: "a received message containing oob data and a single '\0' of non-control data is
// treated as if the message contained only control data, i.e. n will be zero on return."
func singleZero() {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	check(err)
	check(unix.Sendmsg(fds[0], []byte{0}, unix.UnixRights(fds[0]), nil, 0))
	n, oobn, _, _, err := unix.RecvmsgBuffers(fds[1], nil, make([]byte, 64), 0)
	check(err)
	fmt.Printf("SOCK_STREAM    a single zero byte and a descriptor: RecvmsgBuffers gives n = %d, oobn = %d\n", n, oobn)
}

func address(name string) {
	receiver, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	check(err)
	check(unix.Bind(receiver, &unix.SockaddrUnix{})) // the system chooses a name
	to, err := unix.Getsockname(receiver)
	check(err)
	sender, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	check(err)
	bind(sender, name)
	check(unix.Sendto(sender, []byte("one"), 0, to))
	check(unix.Sendto(sender, []byte("two"), 0, to))
	data := make([]byte, 8)
	_, _, truth := recvmsg(receiver, data, nil)
	_, _, _, from, err := unix.RecvmsgBuffers(receiver, [][]byte{data}, nil, 0)
	check(err)
	hide := strings.NewReplacer(fmt.Sprint("x", os.Getpid()), "NAME")
	fmt.Printf("sender bound to %-24q recvmsg(2) tells %-24q RecvmsgBuffers tells %q\n", hide.Replace(name), hide.Replace(truth),
		hide.Replace(from.(*unix.SockaddrUnix).Name))
	check(unix.Close(receiver))
	check(unix.Close(sender))
}

// A reply to whom the message came from, as RecvmsgBuffers tells it.
func reply(name, other string) {
	sockets := make([]int, 3)
	for i := range sockets {
		var err error
		sockets[i], err = unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK, 0)
		check(err)
		defer unix.Close(sockets[i])
	}
	receiver := sockets[0]
	check(unix.Bind(receiver, &unix.SockaddrUnix{}))
	to, err := unix.Getsockname(receiver)
	check(err)
	os.Remove(name)
	bind(sockets[1], name)
	bind(sockets[2], other)
	check(unix.Sendto(sockets[1], []byte("one"), 0, to))
	_, _, _, from, err := unix.RecvmsgBuffers(receiver, [][]byte{make([]byte, 8)}, nil, 0)
	check(err)
	check(unix.Sendto(receiver, []byte("reply"), 0, from))
	for i, whose := range []string{"the sender", "the other socket"} {
		data := make([]byte, 8)
		n, err := unix.Read(sockets[i+1], data)
		received := "nothing"
		if err == nil {
			received = string(data[:n])
		}
		fmt.Printf("reply to %-19q %-16s has received: %s\n",
			strings.ReplaceAll(name, fmt.Sprint("x", os.Getpid()), "NAME"), whose, received)
	}
}

// bind(2) to exactly this name: Bind of x/sys takes a leading '@' for a zero byte.
func bind(fd int, name string) {
	raw := unix.RawSockaddrUnix{Family: unix.AF_UNIX}
	for i := range []byte(name) {
		raw.Path[i] = int8(name[i])
	}
	_, _, errno := unix.Syscall(unix.SYS_BIND, uintptr(fd), uintptr(unsafe.Pointer(&raw)), uintptr(pathOffset+len(name)))
	if errno != 0 {
		panic(errno)
	}
}

// recvmsg(2) with one buffer or none.
func recvmsg(fd int, data, oob []byte) (n, flags int, name string) {
	var raw unix.RawSockaddrUnix
	header := unix.Msghdr{Name: (*byte)(unsafe.Pointer(&raw)), Namelen: uint32(unsafe.Sizeof(raw))}
	var iov unix.Iovec
	if len(data) > 0 {
		iov.Base = &data[0]
		iov.SetLen(len(data))
		header.Iov = &iov
		header.SetIovlen(1)
	}
	if len(oob) > 0 {
		header.Control = &oob[0]
		header.SetControllen(len(oob))
	}
	count, _, errno := unix.Syscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&header)), 0)
	if errno != 0 {
		panic(errno)
	}
	if header.Namelen > pathOffset {
		name = string(unsafe.Slice((*byte)(unsafe.Pointer(&raw.Path[0])), header.Namelen-pathOffset))
		if name[0] != 0 {
			name = strings.TrimRight(name, "\x00") // the terminating zero of a pathname
		}
	}
	return int(count), int(header.Flags), name
}

// The address of an error is where the datagram went to that caused it, with its flow.
func flow() {
	const flowinfoSend = 33 // IPV6_FLOWINFO_SEND, which x/sys does not have
	for _, call := range []string{"recvmsg(2)", "RecvmsgBuffers"} {
		fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM, 0)
		check(err)
		check(unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, flowinfoSend, 1))
		check(unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_RECVERR, 1))
		// Port 9 and flow 0x12345, in network byte order; that port is closed.
		raw := unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: 9 << 8, Flowinfo: 0x45230100}
		raw.Addr[15] = 1
		data := []byte("x")
		_, _, errno := unix.Syscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&data[0])), 1, 0,
			uintptr(unsafe.Pointer(&raw)), unsafe.Sizeof(raw))
		if errno != 0 {
			panic(errno)
		}
		_, err = unix.Poll([]unix.PollFd{{Fd: int32(fd)}}, 1000) // until POLLERR
		check(err)
		if call == "recvmsg(2)" {
			raw = unix.RawSockaddrInet6{}
			header := unix.Msghdr{Name: (*byte)(unsafe.Pointer(&raw)), Namelen: uint32(unsafe.Sizeof(raw))}
			_, _, errno = unix.Syscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&header)), unix.MSG_ERRQUEUE)
			if errno != 0 {
				panic(errno)
			}
			flow := *(*[4]byte)(unsafe.Pointer(&raw.Flowinfo))
			fmt.Printf("an error of flow 0x12345: recvmsg(2)     tells port %d, flow 0x%x\n", raw.Port>>8, flow[1:])
		} else {
			_, _, _, from, err := unix.RecvmsgBuffers(fd, [][]byte{data}, make([]byte, 256), unix.MSG_ERRQUEUE)
			check(err)
			told := from.(*unix.SockaddrInet6)
			fmt.Printf("an error of flow 0x12345: RecvmsgBuffers tells port %d, zone %d, and has no flow\n", told.Port,
				told.ZoneId)
		}
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
