// The receive of golang.org/x/net: ReadBatch of ipv4.PacketConn and ipv6.PacketConn, by recvmmsg(2).
package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"
)

var batchHello = reply{"protocol": 1, "name": "golang.org/x/net", "version": versionOf("golang.org/x/net"), "language": "Go",
	"sockets": []string{"udp4", "udp6"},
	"capabilities": []string{"scatter", "empty_buffers", "flags", "msg_flags", "address", "ancillary", "all_items", "ancbufsize",
		"timeout"}}

func versionOf(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == path {
				return module.Version
			}
		}
	}
	return "unknown"
}

func receiveByBatch(r request, nonblocking bool, parts [][]byte) reply {
	if nonblocking {
		return reply{"unsupported": "nonblocking"}
	}
	conn, refused := connection(r)
	if refused != nil {
		return refused
	}
	defer conn.Close()
	packets, ok := conn.(net.PacketConn)
	if !ok || len(parts) == 0 {
		return reply{"unsupported": fmt.Sprintf("%T", conn)}
	}
	message := []ipv4.Message{{Buffers: parts, OOB: make([]byte, r.Ancbufsize)}} // that of ipv6 is the same type
	var n int
	var err error
	if r.Family == unix.AF_INET {
		n, err = ipv4.NewPacketConn(packets).ReadBatch(message, r.Flags)
	} else {
		n, err = ipv6.NewPacketConn(packets).ReadBatch(message, r.Flags)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return reply{"error": reply{"class": "TimeoutError", "errno": nil, "message": err.Error()}}
	}
	if err != nil || n != 1 {
		return failure(fmt.Sprintf("%T", err), err)
	}
	from, _ := message[0].Addr.(*net.UDPAddr)
	return reply{"nbytes": message[0].N, "ancdata": items(cut(message[0].OOB, message[0].NN)), "msg_flags": message[0].Flags,
		"address": reportUDPAddress(r.Family, from)}
}

// connection makes one of a duplicate, with the timeout of the request, or says in a reply why there is none.
func connection(r request) (net.Conn, reply) {
	fd, err := unix.FcntlInt(uintptr(r.FD), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, failure("os.SyscallError", err)
	}
	file := os.NewFile(uintptr(fd), "")
	conn, err := net.FileConn(file)
	file.Close()
	if err != nil {
		return nil, failure(fmt.Sprintf("%T", err), err)
	}
	if r.TimeoutMS != nil {
		conn.SetReadDeadline(time.Now().Add(time.Duration(*r.TimeoutMS) * time.Millisecond))
	}
	return conn, nil
}
