// The receives of package net: UnixConn.ReadMsgUnix and UDPConn.ReadMsgUDP. A connection is made of a duplicate for each call,
// because closing it closes its descriptor.
package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

var netHello = reply{"protocol": 1, "name": "net", "version": strings.TrimPrefix(runtime.Version(), "go"), "language": "Go",
	"sockets":      []string{"unix_stream", "unix_datagram", "unix_seqpacket", "udp4", "udp6"},
	"capabilities": []string{"msg_flags", "address", "ancillary", "rights", "all_items", "ancbufsize", "timeout", "recvmsg"}}

// startPoller has the runtime open its descriptors now, and not in the first call.
func startPoller() {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return
	}
	for _, fd := range pair {
		file := os.NewFile(uintptr(fd), "")
		if conn, err := net.FileConn(file); err == nil {
			conn.Close()
		}
		file.Close()
	}
}

func receiveByNet(r request, nonblocking bool, parts [][]byte) reply {
	switch {
	case nonblocking:
		return reply{"unsupported": "nonblocking"}
	case len(parts) != 1:
		return reply{"unsupported": "scatter"}
	}
	conn, refused := connection(r)
	if refused != nil {
		return refused
	}
	defer conn.Close()
	oob := make([]byte, r.Ancbufsize)
	var n, oobn, flags int
	var address any
	var err error
	switch c := conn.(type) {
	case *net.UnixConn:
		var from *net.UnixAddr
		n, oobn, flags, from, err = c.ReadMsgUnix(parts[0], oob)
		address = reportUnixAddress(from)
	case *net.UDPConn:
		var from *net.UDPAddr
		n, oobn, flags, from, err = c.ReadMsgUDP(parts[0], oob)
		address = reportUDPAddress(r.Family, from)
	default:
		return reply{"unsupported": fmt.Sprintf("%T", conn)}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return reply{"error": reply{"class": "TimeoutError", "errno": nil, "message": err.Error()}}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return failure(fmt.Sprintf("%T", err), err)
	}
	if n < 0 {
		return reply{"error": reply{"class": "none, but a count of -1", "errno": nil, "message": ""}}
	}
	return reply{"nbytes": n, "ancdata": items(cut(oob, oobn)), "msg_flags": flags, "address": address}
}

func reportUnixAddress(from *net.UnixAddr) any {
	if from == nil || from.Name == "" {
		return nil
	}
	name := []byte(from.Name)
	if name[0] == '@' { // an abstract name, as for x/sys
		name[0] = 0
	}
	return reply{"family": unix.AF_UNIX, "path": hex.EncodeToString(name)}
}

func reportUDPAddress(family int, from *net.UDPAddr) any {
	if from == nil {
		return nil
	}
	if family == unix.AF_INET {
		return reply{"family": family, "host": from.IP.String(), "port": from.Port}
	}
	scope, err := strconv.Atoi(from.Zone)
	if device, notThere := net.InterfaceByName(from.Zone); err != nil && notThere == nil {
		scope = device.Index
	}
	host := netip.AddrFrom16(*(*[16]byte)(from.IP.To16()))
	return reply{"family": family, "host": host.String(), "port": from.Port, "flowinfo": 0, "scope_id": scope}
}
